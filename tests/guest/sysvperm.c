/* SPDX-License-Identifier: MIT */
/*
 * sysvperm - who may do what to System V objects: modes, owners and creators,
 * CAP_IPC_OWNER, IPC_SET, SHM_LOCK against RLIMIT_MEMLOCK.
 */
#include "gt.h"
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>

#define CAP_IPC_LOCK 14
#define CAP_IPC_OWNER 15

static int shm, sem, msg;
static struct { long type; char text[100]; } buf = { .type = 1 };

static void
try_all(void)
{
	struct sembuf add = { 0, 1, 0 }, zero = { 1, 0, IPC_NOWAIT };
	struct shmid_ds sd;
	struct semid_ds ed;
	struct msqid_ds md;
	unsigned short v[2];
	long p;

	p = okay("shmat", syscall(SYS_shmat, shm, 0, 0));
	if (p != -1)
		syscall(SYS_shmdt, p);
	p = okay("shmat read", syscall(SYS_shmat, shm, 0, SHM_RDONLY));
	if (p != -1)
		syscall(SYS_shmdt, p);
	VAL(syscall(SYS_shmctl, shm, IPC_STAT, &sd));
	okay("shmget 0", syscall(SYS_shmget, 0x91, 0, 0));
	okay("shmget 4", syscall(SYS_shmget, 0x91, 0, 0444));
	okay("shmget 6", syscall(SYS_shmget, 0x91, 0, 0666));
	okay("shmget excl", syscall(SYS_shmget, 0x91, 0, IPC_CREAT | IPC_EXCL));
	VAL(syscall(SYS_semop, sem, &add, 1));
	VAL(syscall(SYS_semop, sem, &zero, 1));
	VAL(syscall(SYS_semctl, sem, 1, GETVAL, 0));
	VAL(syscall(SYS_semctl, sem, 0, GETALL, v));
	VAL(syscall(SYS_semctl, sem, 0, SETVAL, 0));
	VAL(syscall(SYS_semctl, sem, 7, SETVAL, 0));
	VAL(syscall(SYS_semctl, sem, 7, GETVAL, 0));
	VAL(syscall(SYS_semctl, sem, 0, IPC_STAT, &ed));
	okay("semget 2", syscall(SYS_semget, 0x92, 0, 0222));
	VAL(syscall(SYS_msgsnd, msg, &buf, 4, IPC_NOWAIT));
	VAL(syscall(SYS_msgrcv, msg, &buf, 4, 0, IPC_NOWAIT));
	VAL(syscall(SYS_msgctl, msg, IPC_STAT, &md));
	okay("msgget 6", syscall(SYS_msgget, 0x93, 0666));
	md.msg_perm.mode = 0666;
	VAL(syscall(SYS_msgctl, msg, IPC_SET, &md));
	VAL(syscall(SYS_semctl, sem, 0, IPC_RMID, 0));
}

/* lose root but for the capabilities in caps */
static void
user_with(uint64_t caps)
{
	struct { uint32_t version; int pid; } h = { 0x20080522, 0 };
	struct { uint32_t eff, perm, inh; } d[2] = {
		{ (uint32_t)caps, (uint32_t)caps, 0 },
		{ (uint32_t)(caps >> 32), (uint32_t)(caps >> 32), 0 } };

	NEED(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
	gt_drop();
	NEED(syscall(SYS_capset, &h, d));
}

static void
set_modes(int shm_mode, int sem_mode, int msg_mode, unsigned uid, unsigned gid)
{
	struct shmid_ds sd = { 0 };
	struct semid_ds ed = { 0 };
	struct msqid_ds md = { 0 };

	sd.shm_perm.mode = shm_mode;
	ed.sem_perm.mode = sem_mode;
	md.msg_perm.mode = msg_mode;
	sd.shm_perm.uid = ed.sem_perm.uid = md.msg_perm.uid = uid;
	sd.shm_perm.gid = ed.sem_perm.gid = md.msg_perm.gid = gid;
	md.msg_qbytes = 16384;
	VAL(syscall(SYS_shmctl, shm, IPC_SET, &sd));
	VAL(syscall(SYS_semctl, sem, 0, IPC_SET, &ed));
	VAL(syscall(SYS_msgctl, msg, IPC_SET, &md));
}

static void
make(void)
{
	shm = (int)NEED(syscall(SYS_shmget, 0x91, 5000, 0600 | IPC_CREAT));
	sem = (int)NEED(syscall(SYS_semget, 0x92, 2, 0600 | IPC_CREAT));
	msg = (int)NEED(syscall(SYS_msgget, 0x93, 0600 | IPC_CREAT));
}

static void
owner_sets(void)
{
	struct msqid_ds md;

	user_with(0);
	VAL(syscall(SYS_msgctl, msg, IPC_STAT, &md));
	out("uid %u cuid %u mode %o", md.msg_perm.uid, md.msg_perm.cuid,
	    md.msg_perm.mode);
	md.msg_qbytes = 16385;
	VAL(syscall(SYS_msgctl, msg, IPC_SET, &md));
	md.msg_qbytes = 100;
	VAL(syscall(SYS_msgctl, msg, IPC_SET, &md));
	md.msg_qbytes = 200;
	VAL(syscall(SYS_msgctl, msg, IPC_SET, &md));
	set_modes(0600, 0600, 0600, -1, 0);
	set_modes(0600, 0600, 0600, 0, -1);
	set_modes(01777, 01777, 01777, 0, 0);
	VAL(syscall(SYS_msgctl, msg, IPC_SET, &md));
	try_all();
}

static void
owner_cap(void)
{
	user_with(1ull << CAP_IPC_OWNER);
	try_all();
}

static void
modes(void)
{
	struct shmid_ds sd;

	make();
	as_user("mode 600", try_all);
	set_modes(0604, 0604, 0604, 0, 0);
	as_user("mode 604", try_all);
	set_modes(0602, 0602, 0602, 0, 0);
	as_user("mode 602", try_all);
	set_modes(0640, 0660, 0620, 0, 65534);
	as_user("group", try_all);
	set_modes(0, 0, 0, 0, 0);
	in_child("capable", owner_cap);
	set_modes(0600, 0600, 0600, 65534, 65534);
	in_child("owner", owner_sets);
	VAL(syscall(SYS_shmctl, shm, IPC_STAT, &sd));
	out("mode %o", sd.shm_perm.mode);
	VAL(syscall(SYS_shmctl, shm, IPC_SET, BAD));
	VAL(syscall(SYS_shmctl, shm, IPC_RMID, 0));
	VAL(syscall(SYS_semctl, sem, 0, IPC_RMID, 0));
	VAL(syscall(SYS_msgctl, msg, IPC_RMID, 0));
}

static long
lock(int id, int cmd)
{
	return syscall(SYS_shmctl, id, cmd, 0);
}

static void
locks(void)
{
	struct rlimit none = { 0, 0 }, lim = { 16384, 16384 };
	struct shmid_ds sd;
	int a, b;

	NEED(setrlimit(RLIMIT_MEMLOCK, &lim));
	gt_drop();
	a = (int)NEED(syscall(SYS_shmget, IPC_PRIVATE, 8192, 0600));
	b = (int)NEED(syscall(SYS_shmget, IPC_PRIVATE, 12288, 0600));
	VAL(lock(shm, SHM_LOCK));
	VAL(lock(shm, SHM_UNLOCK));
	VAL(lock(a, SHM_LOCK));
	VAL(lock(a, SHM_LOCK));
	VAL(lock(b, SHM_LOCK));
	VAL(syscall(SYS_shmctl, a, IPC_STAT, &sd));
	out("mode %o", sd.shm_perm.mode);
	VAL(lock(a, SHM_UNLOCK));
	VAL(lock(b, SHM_LOCK));
	VAL(lock(a, SHM_LOCK));
	VAL(syscall(SYS_shmctl, b, IPC_RMID, 0));
	VAL(lock(a, SHM_LOCK));
	VAL(lock(a, SHM_UNLOCK));
	NEED(setrlimit(RLIMIT_MEMLOCK, &none));
	VAL(lock(a, SHM_LOCK));
	VAL(lock(a, SHM_UNLOCK));
	VAL(syscall(SYS_shmctl, a, IPC_RMID, 0));
}

int
main(void)
{
	modes();
	shm = (int)NEED(syscall(SYS_shmget, IPC_PRIVATE, 4096, 0666));
	in_child("locks", locks);
	VAL(lock(shm, SHM_LOCK));
	VAL(lock(shm, SHM_UNLOCK));
	VAL(lock(-1, SHM_LOCK));
	VAL(syscall(SYS_shmctl, shm, IPC_RMID, 0));
	return 0;
}
