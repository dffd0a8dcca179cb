/* SPDX-License-Identifier: MIT */
/* sysvsem - semget, semop, semtimedop, semctl; undos, order, storms. */
#include "gt.h"
#include <sys/ipc.h>
#include <sys/sem.h>

static int
op(int id, int num, int o, int flags)
{
	struct sembuf b = { num, o, flags };

	return (int)syscall(SYS_semop, id, &b, 1);
}

static long
ctl(int id, int num, int cmd, long arg)
{
	return syscall(SYS_semctl, id, num, cmd, arg);
}

static void
errors(void)
{
	struct sembuf b[2] = { { 0, 0, IPC_NOWAIT }, { 9, 1, 0 } };
	struct timespec bad = { 0, -1 };
	int id = (int)NEED(syscall(SYS_semget, IPC_PRIVATE, 3, 0600));

	VAL(syscall(SYS_semget, IPC_PRIVATE, 0, 0600));
	VAL(syscall(SYS_semget, IPC_PRIVATE, -1, 0600));
	VAL(syscall(SYS_semget, IPC_PRIVATE, 32001, 0600));
	VAL(syscall(SYS_semget, 0x7a11, 1, 0));
	VAL(syscall(SYS_semop, id, b, 0));
	VAL(syscall(SYS_semop, id, b, 501));
	VAL(syscall(SYS_semop, id, b, 2));
	VAL(syscall(SYS_semop, id, BAD, 1));
	VAL(syscall(SYS_semop, -1, b, 1));
	VAL(syscall(SYS_semop, id + 32768, b, 1));
	VAL(syscall(SYS_semtimedop, id, b, 1, &bad));
	VAL(syscall(SYS_semtimedop, id, b, 1, BAD));
	VAL(ctl(id, 3, GETVAL, 0));
	VAL(ctl(id, 0, SETVAL, 32768));
	VAL(ctl(id, 0, SETVAL, -1));
	VAL(ctl(id, 0, GETALL, (long)BAD));
	VAL(ctl(id, 0, SETALL, (long)BAD));
	VAL(ctl(id, 0, IPC_STAT, (long)BAD));
	VAL(ctl(id, 0, 99, 0));
	VAL(op(id, 0, -1, IPC_NOWAIT));
	VAL(ctl(id, 0, SETVAL, 32767));
	VAL(op(id, 0, 1, 0));
	VAL(op(id, 0, 0, IPC_NOWAIT));
	VAL(ctl(id, 0, IPC_RMID, 0));
	VAL(op(id, 0, 1, 0));
}

static void
values(void)
{
	struct semid_ds ds;
	unsigned short v[3] = { 5, 6, 7 };
	struct sembuf b[3] = { { 0, -5, 0 }, { 1, 1, 0 }, { 2, -8, IPC_NOWAIT } };
	struct timespec t = { 0, 1000000 };
	int id = (int)NEED(syscall(SYS_semget, 0x51a7, 3,
				   0640 | IPC_CREAT | IPC_EXCL));

	VAL(syscall(SYS_semget, 0x51a7, 3, IPC_CREAT | IPC_EXCL));
	VAL(syscall(SYS_semget, 0x51a7, 4, IPC_CREAT));
	YES(syscall(SYS_semget, 0x51a7, 0, 0) == id);
	VAL(ctl(id, 0, SETALL, (long)v));
	VAL(syscall(SYS_semop, id, b, 3));
	VAL(ctl(id, 0, GETVAL, 0));
	VAL(ctl(id, 1, GETVAL, 0));
	b[2].sem_op = -7;
	VAL(syscall(SYS_semop, id, b, 3));
	memset(v, 9, sizeof(v));
	VAL(ctl(id, 0, GETALL, (long)v));
	out("values: %u %u %u", v[0], v[1], v[2]);
	YES(ctl(id, 0, GETPID, 0) == getpid());
	VAL(syscall(SYS_semtimedop, id, &(struct sembuf){ 0, -1, 0 }, 1, &t));
	VAL(ctl(id, 0, IPC_STAT, (long)&ds));
	out("stat: mode %o nsems %u otime %d ctime %d key %d",
	    ds.sem_perm.mode, (unsigned)ds.sem_nsems, ds.sem_otime != 0,
	    ds.sem_ctime != 0, ds.sem_perm.__key == 0x51a7);
	VAL(ctl(id, 0, GETNCNT, 0));
	VAL(ctl(id, 0, GETZCNT, 0));
	VAL(ctl(id, 0, IPC_RMID, 0));
}

/* until n wait for semaphore num */
static void
until_waiting(int id, int num, int cmd, int n)
{
	while (ctl(id, num, cmd, 0) != n)
		sched_yield();
}

static int
waiter(int id, struct sembuf *b, int n)
{
	int p = fork();

	if (!p) {
		int r = (int)syscall(SYS_semop, id, b, n);

		_exit(r ? errno == EIDRM ? 43 : errno == EINTR ? 4 : 99 : 0);
	}
	return p;
}

static void
sleepers(void)
{
	struct sembuf a[2] = { { 0, -2, 0 }, { 1, 1, 0 } }, z = { 0, 0, 0 };
	int id = (int)NEED(syscall(SYS_semget, IPC_PRIVATE, 2, 0600)), p, q, st;

	p = waiter(id, a, 2);
	until_waiting(id, 0, GETNCNT, 1);
	VAL(op(id, 0, 1, 0));
	VAL(ctl(id, 0, GETNCNT, 0));
	q = waiter(id, &z, 1);
	until_waiting(id, 0, GETZCNT, 1);
	VAL(op(id, 0, 1, 0));
	waitpid(p, &st, 0);
	out("alter: %s", gt_status(st));
	waitpid(q, &st, 0);
	out("zero: %s", gt_status(st));
	VAL(ctl(id, 0, GETVAL, 0));
	VAL(ctl(id, 1, GETVAL, 0));
	YES(ctl(id, 1, GETPID, 0) == p);
	p = waiter(id, a, 2);
	until_waiting(id, 0, GETNCNT, 1);
	VAL(ctl(id, 0, IPC_RMID, 0));
	waitpid(p, &st, 0);
	out("removed: %s", gt_status(st));
}

static void
undo_child(void)
{
	_exit(0);
}

static int the_set;
static void
undoes(void)
{
	op(the_set, 0, 3, SEM_UNDO);
	op(the_set, 1, -2, SEM_UNDO);
	in_child("grandchild", undo_child);
	out("in between: %ld %ld", ctl(the_set, 0, GETVAL, 0),
	    ctl(the_set, 1, GETVAL, 0));
}

static void
undoes_cleared(void)
{
	op(the_set, 0, 3, SEM_UNDO);
	ctl(the_set, 0, SETVAL, 9);
}

static void
undo(void)
{
	unsigned short v[2] = { 1, 4 };

	the_set = (int)NEED(syscall(SYS_semget, IPC_PRIVATE, 2, 0600));
	VAL(ctl(the_set, 0, SETALL, (long)v));
	in_child("undoes", undoes);
	VAL(ctl(the_set, 0, GETVAL, 0));
	VAL(ctl(the_set, 1, GETVAL, 0));
	in_child("cleared", undoes_cleared);
	VAL(ctl(the_set, 0, GETVAL, 0));
	VAL(ctl(the_set, 0, IPC_RMID, 0));
}

static long
share(void)
{
	return syscall(SYS_clone, CLONE_SYSVSEM | SIGCHLD, 0, 0, 0, 0);
}

/* undos shared by CLONE_SYSVSEM are applied when the last one ends */
static void
sharers(void)
{
	int st, p;

	op(the_set, 0, 1, SEM_UNDO);
	p = (int)NEED(share());
	if (!p) {
		op(the_set, 0, 2, SEM_UNDO);
		op(the_set, 0, 4, 0);
		p = fork();	/* does not share */
		if (!p)
			_exit(op(the_set, 0, 8, SEM_UNDO));
		waitpid(p, &st, 0);
		_exit(0);
	}
	waitpid(p, &st, 0);
	out("one gone: %ld", ctl(the_set, 0, GETVAL, 0));
	p = (int)NEED(share());
	if (!p) {
		until_waiting(the_set, 1, GETNCNT, 1);
		_exit(op(the_set, 1, 1, 0));
	}
	/* this one ends first: still nothing is undone */
}

static void
shared_undo(void)
{
	the_set = (int)NEED(syscall(SYS_semget, IPC_PRIVATE, 2, 0600));
	in_child("sharers", sharers);
	out("first gone: %ld", ctl(the_set, 0, GETVAL, 0));
	VAL(op(the_set, 1, -1, 0));
	VAL(op(the_set, 0, -4, 0));
	VAL(op(the_set, 0, 0, 0));
	VAL(ctl(the_set, 0, IPC_RMID, 0));
}

static void
as_other(void)
{
	VAL(op(the_set, 0, 1, 0));
	VAL(ctl(the_set, 0, GETVAL, 0));
	VAL(ctl(the_set, 0, IPC_RMID, 0));
}

/* four processes hand a token around through four semaphores */
static void
storm(void)
{
	int id = (int)NEED(syscall(SYS_semget, IPC_PRIVATE, 5, 0600)), st;

	for (int i = 0; i < 4; i++)
		if (!fork()) {
			for (int n = 0; n < 500; n++)
				if (op(id, i, -1, 0) ||
				    op(id, (i + 1) % 4, 1, 0) ||
				    op(id, 4, 1, 0))
					_exit(1);
			_exit(0);
		}
	op(id, 0, 1, 0);
	for (int i = 0; i < 4; i++) {
		wait(&st);
		out("storm: %s", gt_status(st));
	}
	VAL(ctl(id, 4, GETVAL, 0));
	VAL(ctl(id, 0, GETVAL, 0));
	VAL(ctl(id, 0, IPC_RMID, 0));
}

/* sets are removed while processes with undos for them end */
static void
undo_storm(void)
{
	int bad = 0, st;

	for (int n = 0; n < 60; n++) {
		int id = (int)NEED(syscall(SYS_semget, IPC_PRIVATE, 3, 0600));

		for (int i = 0; i < 3; i++)
			if (!fork()) {
				int r = op(id, i, 1, SEM_UNDO) |
					op(id, 0, 1, SEM_UNDO);

				_exit(r && errno != EIDRM && errno != EINVAL);
			}
		if (n & 1)
			sched_yield();
		bad += ctl(id, 0, IPC_RMID, 0) != 0;
		for (int i = 0; i < 3; i++) {
			wait(&st);
			bad += st != 0;
		}
	}
	out("undo storm: %d bad", bad);
}

int
main(void)
{
	errors();
	values();
	sleepers();
	undo();
	shared_undo();
	the_set = (int)NEED(syscall(SYS_semget, IPC_PRIVATE, 1, 0604));
	as_user("other", as_other);
	VAL(ctl(the_set, 0, IPC_RMID, 0));
	storm();
	undo_storm();
	return 0;
}
