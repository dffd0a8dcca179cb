/* SPDX-License-Identifier: MIT */
/*
 * sysvinfo - what is told of System V objects and what limits them: sysctls,
 * /proc/sysvipc, IPC_INFO and its like, *_STAT by index.
 */
#include "gt.h"
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

#ifndef SHM_STAT_ANY
#define SHM_STAT_ANY 15
#endif
#ifndef SEM_STAT_ANY
#define SEM_STAT_ANY 20
#endif
#ifndef MSG_STAT_ANY
#define MSG_STAT_ANY 13
#endif
#define INDEX(id) ((id) % 32768)

static char text[65536];

static const char *
path_of(const char *name)
{
	static char p[100];

	snprintf(p, sizeof(p), "/proc/sys/%s", name);
	return p;
}

static void
show(const char *name)
{
	if (get_file(path_of(name), text, sizeof(text)) < 0)
		out("%s: %s", name, gt_errno(errno));
	else
		out("%s: %.*s", name, (int)strcspn(text, "\n"), text);
}

static void
set(const char *name, const char *value)
{
	int fd = open(path_of(name), O_WRONLY);
	long r = fd < 0 ? -1 : write(fd, value, strlen(value));

	out("%s = %s: %s", name, value, r < 0 ? gt_errno(errno) : "ok");
	close(fd);
}

static const char *const words[] = { "kernel/shmmax", "kernel/shmall",
	"kernel/shmmni", "kernel/shm_rmid_forced", "kernel/msgmax",
	"kernel/msgmnb", "kernel/msgmni", "kernel/sem",
	"fs/mqueue/queues_max", "fs/mqueue/msg_max", "fs/mqueue/msgsize_max",
	"fs/mqueue/msg_default", "fs/mqueue/msgsize_default" };

static long
shm(size_t size)
{
	return syscall(SYS_shmget, IPC_PRIVATE, size, 0600);
}

static void
rm_shm(long id)
{
	if (id >= 0)
		syscall(SYS_shmctl, id, IPC_RMID, 0);
}

static void
sysctls(void)
{
	struct msqid_ds ds;
	long a, id;

	for (size_t i = 0; i < NELEM(words); i++)
		show(words[i]);
	set("kernel/shmmax", "8192");
	show("kernel/shmmax");
	val("over shmmax", shm(8193));
	rm_shm(okay("at shmmax", shm(8192)));
	set("kernel/shmmax", "18446744073692774399");
	set("kernel/shmall", "3");
	a = okay("two pages", shm(8192));
	val("two more", shm(8192));
	rm_shm(okay("one more", shm(1)));
	rm_shm(a);
	set("kernel/shmall", "18446744073692774399");
	set("kernel/shmmni", "1");
	a = okay("first", shm(1));
	val("second", shm(1));
	rm_shm(a);
	set("kernel/shmmni", "4096");
	set("kernel/shmmni", "32769");
	set("kernel/shmmni", "-1");
	set("kernel/shmmni", "no");
	set("kernel/shm_rmid_forced", "2");
	set("kernel/sem", "4 8 2 3");
	show("kernel/sem");
	VAL(syscall(SYS_semget, IPC_PRIVATE, 5, 0600));
	id = NEED(syscall(SYS_semget, IPC_PRIVATE, 4, 0600));
	a = NEED(syscall(SYS_semget, IPC_PRIVATE, 4, 0600));
	VAL(syscall(SYS_semget, IPC_PRIVATE, 1, 0600));
	VAL(syscall(SYS_semop, id, text, 3));
	syscall(SYS_semctl, id, 0, IPC_RMID, 0);
	syscall(SYS_semctl, a, 0, IPC_RMID, 0);
	set("kernel/sem", "32000");
	show("kernel/sem");
	set("kernel/sem", "32000 1024000000 500 32769");
	set("kernel/sem", "32000 1024000000 500 32000");
	show("kernel/sem");
	set("kernel/msgmnb", "100");
	set("kernel/msgmax", "50");
	id = NEED(syscall(SYS_msgget, IPC_PRIVATE, 0600));
	VAL(syscall(SYS_msgctl, id, IPC_STAT, &ds));
	out("qbytes %lu", ds.msg_qbytes);
	*(long *)text = 1;
	VAL(syscall(SYS_msgsnd, id, text, 51, 0));
	VAL(syscall(SYS_msgsnd, id, text, 50, 0));
	VAL(syscall(SYS_msgsnd, id, text, 50, 0));
	VAL(syscall(SYS_msgsnd, id, text, 1, IPC_NOWAIT));
	set("kernel/msgmni", "1");
	VAL(syscall(SYS_msgget, IPC_PRIVATE, 0600));
	set("kernel/msgmni", "32000");
	set("kernel/msgmnb", "16384");
	set("kernel/msgmax", "8192");
	VAL(syscall(SYS_msgctl, id, IPC_RMID, 0));
}

/* the lines of a list that are of an object with this id; numbers of `mask'
 * (bits of columns) only as 0 or not */
static void
list(const char *name, long id, unsigned mask)
{
	char p[40], *l, *t, *save, *save2, line[300];
	int n, len;

	snprintf(p, sizeof(p), "/proc/sysvipc/%s", name);
	get_file(p, text, sizeof(text));
	l = strtok_r(text, "\n", &save);
	out("%s", l);
	while ((l = strtok_r(NULL, "\n", &save))) {
		if (strtol(l + 10, NULL, 10) != id)
			continue;
		len = (int)strlen(l);
		line[0] = 0;
		for (n = 0, t = strtok_r(l, " ", &save2); t;
		     t = strtok_r(NULL, " ", &save2), n++) {
			strcat(line, " ");
			strcat(line, !(mask >> n & 1) ? t :
			       strcmp(t, "0") ? "#" : "0");
		}
		out("%s:%s, %d long", name, line, len);
	}
}

static void
lists(void)
{
	long a = NEED(syscall(SYS_shmget, 0x77, 10000, 0640 | IPC_CREAT)), b, c;
	char *p = (char *)NEED(syscall(SYS_shmat, a, 0, 0));
	struct sembuf op = { 1, 2, 0 };

	p[0] = p[5000] = 1;
	list("shm", a, 1 << 1 | 1 << 4 | 1 << 5 | 7 << 11);
	VAL(syscall(SYS_shmctl, a, IPC_RMID, 0));
	list("shm", a, 1 << 1 | 1 << 4 | 1 << 5 | 7 << 11);
	VAL(syscall(SYS_shmdt, p));
	list("shm", a, ~0u);
	b = NEED(syscall(SYS_semget, 0x78, 3, 0604 | IPC_CREAT));
	list("sem", b, 1 << 1 | 3 << 8);
	VAL(syscall(SYS_semop, b, &op, 1));
	list("sem", b, 1 << 1 | 3 << 8);
	VAL(syscall(SYS_semctl, b, 0, IPC_RMID, 0));
	c = NEED(syscall(SYS_msgget, 0x79, 0600 | IPC_CREAT));
	list("msg", c, 1 << 1 | 1 << 5 | 1 << 6 | 7 << 11);
	*(long *)text = 1;
	VAL(syscall(SYS_msgsnd, c, text, 50, 0));
	list("msg", c, 1 << 1 | 1 << 5 | 1 << 6 | 7 << 11);
	VAL(syscall(SYS_msgctl, c, IPC_RMID, 0));
	list("msg", c, ~0u);
}

static void
shm_infos(void)
{
	struct { unsigned long max, min, mni, seg, all, pad[4]; } lim;
	struct { int ids; unsigned long tot, rss, swp, a, b; } use;
	struct shmid_ds ds;
	long id = NEED(syscall(SYS_shmget, IPC_PRIVATE, 10000, 0600)), r;
	char *p = (char *)NEED(syscall(SYS_shmat, id, 0, 0));

	p[0] = 1;
	r = syscall(SYS_shmctl, 0, IPC_INFO, &lim);
	out("shm info: %d max %lu min %lu mni %lu seg %lu all %lu",
	    r == INDEX(id), lim.max, lim.min, lim.mni, lim.seg, lim.all);
	r = syscall(SYS_shmctl, 0, SHM_INFO, &use);
	out("shm use: %d ids %d tot %lu rss %lu swp %lu", r == INDEX(id),
	    use.ids, use.tot, use.rss, use.swp);
	YES(syscall(SYS_shmctl, INDEX(id), SHM_STAT, &ds) == id);
	out("size %lu nattch %lu", ds.shm_segsz, ds.shm_nattch);
	YES(syscall(SYS_shmctl, INDEX(id), SHM_STAT_ANY, &ds) == id);
	VAL(syscall(SYS_shmctl, INDEX(id) + 1, SHM_STAT, &ds));
	VAL(syscall(SYS_shmctl, 32767, SHM_STAT, &ds));
	VAL(syscall(SYS_shmctl, 40000, SHM_STAT, &ds));
	VAL(syscall(SYS_shmctl, -1, SHM_STAT, &ds));
	VAL(syscall(SYS_shmctl, 0, IPC_INFO, BAD));
	VAL(syscall(SYS_shmctl, 0, SHM_INFO, BAD));
	VAL(syscall(SYS_shmdt, p));
	VAL(syscall(SYS_shmctl, id, IPC_RMID, 0));
	VAL(syscall(SYS_shmctl, 0, SHM_INFO, &use));
	out("ids %d tot %lu", use.ids, use.tot);
}

static void
other_infos(void)
{
	struct seminfo si;
	struct msginfo mi;
	struct semid_ds sd;
	struct msqid_ds md;
	long id = NEED(syscall(SYS_semget, IPC_PRIVATE, 3, 0600)), r;

	r = syscall(SYS_semctl, 0, 0, IPC_INFO, &si);
	out("sem info: %d %d %d %d %d %d %d %d %d %d %d", r == INDEX(id),
	    si.semmap, si.semmni, si.semmns, si.semmnu, si.semmsl, si.semopm,
	    si.semume, si.semusz, si.semvmx, si.semaem);
	VAL(syscall(SYS_semctl, 0, 0, SEM_INFO, &si) == INDEX(id));
	out("sem use: %d %d", si.semusz, si.semaem);
	YES(syscall(SYS_semctl, INDEX(id), 0, SEM_STAT, &sd) == id);
	out("nsems %d", (int)sd.sem_nsems);
	YES(syscall(SYS_semctl, INDEX(id), 0, SEM_STAT_ANY, &sd) == id);
	VAL(syscall(SYS_semctl, 32767, 0, SEM_STAT, &sd));
	VAL(syscall(SYS_semctl, id, 0, IPC_RMID, 0));
	VAL(syscall(SYS_semctl, 0, 0, SEM_INFO, &si));
	out("sem use: %d %d", si.semusz, si.semaem);

	id = NEED(syscall(SYS_msgget, IPC_PRIVATE, 0600));
	*(long *)text = 1;
	VAL(syscall(SYS_msgsnd, id, text, 50, 0));
	r = syscall(SYS_msgctl, 0, IPC_INFO, &mi);
	out("msg info: %d %d %d %d %d %d %d %d %d", r == INDEX(id), mi.msgpool,
	    mi.msgmap, mi.msgmax, mi.msgmnb, mi.msgmni, mi.msgssz, mi.msgtql,
	    mi.msgseg);
	VAL(syscall(SYS_msgctl, 0, MSG_INFO, &mi) == INDEX(id));
	out("msg use: %d %d %d", mi.msgpool, mi.msgmap, mi.msgtql);
	YES(syscall(SYS_msgctl, INDEX(id), MSG_STAT, &md) == id);
	out("qnum %lu", md.msg_qnum);
	YES(syscall(SYS_msgctl, INDEX(id), MSG_STAT_ANY, &md) == id);
	VAL(syscall(SYS_msgctl, 32767, MSG_STAT, &md));
	VAL(syscall(SYS_msgctl, id, IPC_RMID, 0));
	VAL(syscall(SYS_msgctl, 0, MSG_INFO, &mi));
	out("msg use: %d %d %d", mi.msgpool, mi.msgmap, mi.msgtql);
}

static void
makes_two(void)
{
	NEED(syscall(SYS_shmget, 0x81, 4096, 0600 | IPC_CREAT));
	NEED(syscall(SYS_shmget, 0x82, 4096, 0600 | IPC_CREAT));
}

/* a segment nobody is attached to goes when its maker ends */
static void
forced(void)
{
	long id = NEED(syscall(SYS_shmget, 0x80, 4096, 0600 | IPC_CREAT));
	void *p;

	in_child("maker", makes_two);
	OKAY(syscall(SYS_shmget, 0x81, 0, 0));
	p = (void *)NEED(syscall(SYS_shmat, syscall(SYS_shmget, 0x82, 0, 0),
				 0, 0));
	set("kernel/shm_rmid_forced", "1");
	VAL(syscall(SYS_shmget, 0x81, 0, 0));
	OKAY(syscall(SYS_shmget, 0x82, 0, 0));
	OKAY(syscall(SYS_shmget, 0x80, 0, 0));
	VAL(syscall(SYS_shmdt, p));
	VAL(syscall(SYS_shmget, 0x82, 0, 0));
	in_child("maker", makes_two);
	VAL(syscall(SYS_shmget, 0x81, 0, 0));
	p = (void *)NEED(syscall(SYS_shmat, id, 0, 0));
	OKAY(syscall(SYS_shmget, 0x80, 0, 0));
	VAL(syscall(SYS_shmdt, p));
	VAL(syscall(SYS_shmget, 0x80, 0, 0));
	set("kernel/shm_rmid_forced", "0");
}

int
main(void)
{
	/* what others left behind is not counted */
	NEED(unshare(CLONE_NEWIPC));
	sysctls();
	lists();
	shm_infos();
	other_infos();
	forced();
	return 0;
}
