/* SPDX-License-Identifier: MIT */
/* sysvshm - shmget, shmat, shmdt, shmctl; attachments are counted. */
#include "gt.h"
#include <sys/ipc.h>
#include <sys/shm.h>

static int id;

static long
at(int i, void *a, int flags)
{
	return syscall(SYS_shmat, i, a, flags);
}

static void
stat_line(const char *what)
{
	struct shmid_ds ds;

	if (syscall(SYS_shmctl, id, IPC_STAT, &ds))
		out("%s: %s", what, gt_errno(errno));
	else
		out("%s: mode %o size %lu nattch %lu times %d%d%d mine %d",
		    what, ds.shm_perm.mode, ds.shm_segsz, ds.shm_nattch,
		    ds.shm_atime != 0, ds.shm_dtime != 0, ds.shm_ctime != 0,
		    ds.shm_cpid == getpid());
}

/* the lines of /proc/self/maps that are segments */
static void
maps(const char *what)
{
	static char b[65536];
	int n = 0;
	char *l;

	get_file("/proc/self/maps", b, sizeof(b));
	for (l = strtok(b, "\n"); l; l = strtok(NULL, "\n"))
		if (strstr(l, "/SYSV")) {
			n++;
			out("%s: %.4s %s", what, strchr(l, ' ') + 1,
			    strstr(l, "/SYSV"));
		}
	out("%s: %d", what, n);
}

static void
child_writes(void)
{
	char *p = (char *)at(id, 0, 0);

	stat_line("in child");
	strcpy(p, "from the child");
}

static void
basics(void)
{
	char *p, *q;

	VAL(syscall(SYS_shmget, 0x5a3, 4096, 0));
	id = (int)NEED(syscall(SYS_shmget, 0x5a3, 5000, 0640 | IPC_CREAT));
	VAL(syscall(SYS_shmget, 0x5a3, 5000, IPC_CREAT | IPC_EXCL));
	VAL(syscall(SYS_shmget, 0x5a3, 9000, 0));
	YES(syscall(SYS_shmget, 0x5a3, 0, 0) == id);
	stat_line("new");
	p = (char *)NEED(at(id, 0, 0));
	q = (char *)NEED(at(id, 0, SHM_RDONLY));
	stat_line("two");
	in_child("child", child_writes);
	out("text: %s", q);
	stat_line("child gone");
	VAL(mprotect(q, 4096, PROT_READ | PROT_WRITE));
	maps("both");
	VAL(munmap(p + 4096, 4096));
	stat_line("piece gone");
	VAL(syscall(SYS_shmdt, p + 4096));
	VAL(syscall(SYS_shmdt, p));
	stat_line("p gone");
	VAL(syscall(SYS_shmdt, p));
	VAL(syscall(SYS_shmctl, id, IPC_RMID, 0));
	stat_line("doomed");
	VAL(syscall(SYS_shmget, 0x5a3, 0, 0));
	p = (char *)NEED(at(id, 0, 0));
	VAL(mprotect(p, 4096, PROT_READ));
	stat_line("split");
	VAL(mprotect(p, 4096, PROT_READ | PROT_WRITE));
	stat_line("not merged");
	VAL(syscall(SYS_shmdt, p));
	stat_line("p gone again");
	VAL(syscall(SYS_shmdt, q));
	stat_line("all gone");
}

static void
addresses(void)
{
	char *a = mmap(0, 65536, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	id = (int)NEED(syscall(SYS_shmget, IPC_PRIVATE, 8192, 0600));
	VAL(at(id, a + 1, 0));
	VAL(at(id, a, 0));
	VAL(at(id, 0, SHM_REMAP));
	YES(at(id, a + 4097, SHM_RND | SHM_REMAP) == (long)a + 4096);
	munmap(a + 32768, 8192);
	YES(at(id, a + 32768, 0) == (long)a + 32768);
	VAL(at(id + 32768, 0, 0));
	VAL(at(-1, 0, 0));
	stat_line("two");
	VAL(mremap(a + 4096, 8192, 4096, 0) == a + 4096);
	stat_line("shrunk");
	VAL(syscall(SYS_shmdt, a + 4096));
	VAL(syscall(SYS_shmdt, a + 32768));
	VAL(syscall(SYS_shmdt, a + 1));
	VAL(syscall(SYS_shmctl, id, SHM_LOCK, 0));
	stat_line("locked");
	VAL(syscall(SYS_shmctl, id, SHM_UNLOCK, 0));
	stat_line("unlocked");
	VAL(syscall(SYS_shmctl, id, 99, 0));
	VAL(syscall(SYS_shmctl, id, IPC_STAT, BAD));
	VAL(syscall(SYS_shmctl, id, IPC_RMID, 0));
	VAL(at(id, 0, 0));
	VAL(syscall(SYS_shmget, IPC_PRIVATE, 0, 0600));
}

static void
other(void)
{
	VAL(at(id, 0, 0));
	okay("read only", at(id, 0, SHM_RDONLY));
	VAL(syscall(SYS_shmctl, id, IPC_RMID, 0));
	VAL(syscall(SYS_shmctl, id, SHM_LOCK, 0));
}

/* segments are removed while others attach, fork and detach */
static void
storm(void)
{
	int bad = 0, st;

	for (int n = 0; n < 40; n++) {
		id = (int)NEED(syscall(SYS_shmget, IPC_PRIVATE, 8192, 0600));
		for (int i = 0; i < 3; i++)
			if (!fork()) {
				long p = at(id, 0, 0);

				if (p == -1)
					_exit(errno != EINVAL && errno != EIDRM);
				((char *)p)[i] = 1;
				if (fork() && i != 1)
					_exit(syscall(SYS_shmdt, p) != 0);
				_exit(0);
			}
		bad += syscall(SYS_shmctl, id, IPC_RMID, 0) != 0;
		for (int i = 0; i < 3; i++) {
			wait(&st);
			bad += st != 0;
		}
	}
	out("storm: %d bad", bad);
}

int
main(void)
{
	basics();
	addresses();
	id = (int)NEED(syscall(SYS_shmget, IPC_PRIVATE, 8192, 0604));
	as_user("other", other);
	stat_line("after");
	VAL(syscall(SYS_shmctl, id, IPC_RMID, 0));
	storm();
	return 0;
}
