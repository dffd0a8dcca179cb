/* SPDX-License-Identifier: MIT */
/* ipcns - IPC namespaces: unshare, clone, setns, what ends with one. */
#include "gt.h"
#include <mqueue.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

static int home, sem;

static long
key_there(int key)
{
	return syscall(SYS_shmget, key, 0, 0) >= 0;
}

static long
value(int id)
{
	return syscall(SYS_semctl, id, 0, GETVAL, 0);
}

static void
set(const char *path, const char *value)
{
	int fd = (int)NEED(open(path, O_WRONLY));

	NEED(write(fd, value, strlen(value)));
	close(fd);
}

static void
make_all(void)
{
	struct mq_attr a = { .mq_maxmsg = 2, .mq_msgsize = 8 };

	NEED(syscall(SYS_shmget, 0x61, 4096, 0600 | IPC_CREAT));
	NEED(syscall(SYS_semget, 0x62, 2, 0600 | IPC_CREAT));
	NEED(syscall(SYS_msgget, 0x63, 0600 | IPC_CREAT));
	NEED(syscall(SYS_mq_open, "gt-ns", O_RDWR | O_CREAT, 0600, &a));
}

static void
look(const char *what)
{
	out("%s: shm %ld sem %d msg %d mq %d", what, key_there(0x61),
	    syscall(SYS_semget, 0x62, 0, 0) >= 0,
	    syscall(SYS_msgget, 0x63, 0) >= 0,
	    syscall(SYS_mq_open, "gt-ns", O_RDONLY, 0, 0) >= 0);
}

static void
link_of(const char *what, int same)
{
	char a[64] = "", b[64] = "";
	struct stat s, t;

	NEED(readlink("/proc/self/ns/ipc", a, sizeof(a) - 1));
	fstat(home, &s);
	stat("/proc/self/ns/ipc", &t);
	snprintf(b, sizeof(b), "ipc:[%lu]", (unsigned long)t.st_ino);
	out("%s: name %d same %d as meant %d", what, !strcmp(a, b),
	    s.st_ino == t.st_ino, (s.st_ino == t.st_ino) == same);
}

static void
new_one(void)
{
	struct sembuf up = { 0, 5, SEM_UNDO };
	char b[40], *p;
	int id, other;

	/* undos are applied as one leaves */
	VAL(syscall(SYS_semop, sem, &up, 1));
	out("value %ld", value(sem));
	p = (char *)NEED(syscall(SYS_shmat, syscall(SYS_shmget, 0x61, 0, 0),
				 0, 0));
	strcpy(p, "from home");
	VAL(unshare(CLONE_NEWIPC));
	look("new");
	link_of("new", 0);
	out("still attached: %s", p);
	set("/proc/sys/kernel/shmmni", "7");
	set("/proc/sys/fs/mqueue/msg_max", "3");
	make_all();
	look("made");
	id = (int)NEED(syscall(SYS_shmget, IPC_PRIVATE, 4096, 0600));
	p = (char *)NEED(syscall(SYS_shmat, id, 0, 0));
	strcpy(p, "from the new one");
	sem = (int)NEED(syscall(SYS_semget, 0x62, 0, 0));
	VAL(syscall(SYS_semop, sem, &up, 1));
	out("value %ld", value(sem));
	other = (int)NEED(open("/proc/self/ns/ipc", O_RDONLY));
	VAL(syscall(SYS_setns, other, CLONE_NEWNS));
	VAL(syscall(SYS_setns, home, CLONE_NEWIPC));
	look("home");
	link_of("home", 1);
	get_file("/proc/sys/kernel/shmmni", b, sizeof(b));
	out("shmmni %ld", strtol(b, NULL, 10));
	VAL(syscall(SYS_setns, other, 0));
	out("value %ld", value(sem));
	look("there again");
	get_file("/proc/sys/kernel/shmmni", b, sizeof(b));
	out("shmmni %ld", strtol(b, NULL, 10));
	get_file("/proc/sys/fs/mqueue/msg_max", b, sizeof(b));
	out("msg_max %ld", strtol(b, NULL, 10));
	close(other);
	VAL(syscall(SYS_setns, home, 0));
	/* nobody has the namespace any more, but the memory is here */
	out("kept: %s", p);
	in_child("fork of it", make_all);
	VAL(syscall(SYS_shmdt, p));
}

static void
storm_child(void)
{
	for (int i = 0; i < 20; i++) {
		char *p;

		NEED(unshare(CLONE_NEWIPC));
		make_all();
		p = (char *)NEED(syscall(SYS_shmat,
			syscall(SYS_shmget, 0x61, 0, 0), 0, 0));
		p[0] = 1;
		if (i % 3 == 0)
			syscall(SYS_shmdt, p);
		if (i % 5 == 0 && !fork())
			_exit(0);
		/* leaves open queues and attachments behind */
	}
}

static void
user(void)
{
	VAL(unshare(CLONE_NEWIPC));
	VAL(syscall(SYS_setns, home, 0));
	VAL(syscall(SYS_clone, CLONE_NEWIPC | SIGCHLD, 0, 0, 0, 0));
}

int
main(void)
{
	int st, p;

	home = (int)NEED(open("/proc/self/ns/ipc", O_RDONLY | O_CLOEXEC));
	make_all();
	sem = (int)NEED(syscall(SYS_semget, 0x62, 0, 0));
	link_of("first", 1);
	in_child("new one", new_one);
	out("undone: %ld", value(sem));
	as_user("user", user);
	VAL(syscall(SYS_clone, CLONE_NEWIPC | CLONE_SYSVSEM | SIGCHLD,
		    0, 0, 0, 0));
	p = (int)NEED(syscall(SYS_clone, CLONE_NEWIPC | SIGCHLD, 0, 0, 0, 0));
	if (!p) {
		look("cloned");
		link_of("cloned", 0);
		_exit(0);
	}
	waitpid(p, &st, 0);
	for (int i = 0; i < 3; i++)
		if (!fork()) {
			storm_child();
			_exit(0);
		}
	for (int i = 0; i < 3; i++) {
		wait(&st);
		out("storm: %s", gt_status(st));
	}
	look("end");
	VAL(syscall(SYS_shmctl, syscall(SYS_shmget, 0x61, 0, 0), IPC_RMID, 0));
	VAL(syscall(SYS_semctl, sem, 0, IPC_RMID, 0));
	VAL(syscall(SYS_msgctl, syscall(SYS_msgget, 0x63, 0), IPC_RMID, 0));
	VAL(syscall(SYS_mq_unlink, "gt-ns"));
	return 0;
}
