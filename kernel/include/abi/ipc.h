/* SPDX-License-Identifier: MIT */
/* System V IPC of the ABI: sysvipc(7), shmctl(2), semctl(2), msgctl(2). */
#ifndef ABI_IPC_H
#define ABI_IPC_H

#include <lib/types.h>

#define IPC_PRIVATE	0
#define IPC_CREAT	01000
#define IPC_EXCL	02000
#define IPC_NOWAIT	04000

#define IPC_RMID	0
#define IPC_SET		1
#define IPC_STAT	2
#define IPC_INFO	3

#define SHM_RDONLY	010000
#define SHM_RND		020000
#define SHM_REMAP	040000
#define SHM_EXEC	0100000
#define SHM_HUGETLB	04000
#define SHM_NORESERVE	010000
#define SHM_HUGE_SHIFT	26
#define SHM_HUGE_MASK	0x3f
#define SHM_LOCK	11
#define SHM_UNLOCK	12
#define SHM_STAT	13
#define SHM_INFO	14
#define SHM_STAT_ANY	15
#define SHM_DEST	01000	/* in mode: gone at the last detach */
#define SHM_LOCKED	02000

#define SEM_UNDO	0x1000
#define GETPID		11
#define GETVAL		12
#define GETALL		13
#define GETNCNT		14
#define GETZCNT		15
#define SETVAL		16
#define SETALL		17
#define SEM_STAT	18
#define SEM_INFO	19
#define SEM_STAT_ANY	20

#define MSG_NOERROR	010000
#define MSG_EXCEPT	020000
#define MSG_COPY	040000
#define MSG_STAT	11
#define MSG_INFO	12
#define MSG_STAT_ANY	13

struct abi_ipc_perm {
	s32 key;
	u32 uid, gid, cuid, cgid;
	u32 mode;
	u16 seq, pad2;
	u32 pad3;
	u64 unused1, unused2;
};
static_assert(sizeof(struct abi_ipc_perm) == 48, "ipc64_perm");

struct abi_shmid_ds {
	struct abi_ipc_perm shm_perm;
	u64 shm_segsz;
	s64 shm_atime, shm_dtime, shm_ctime;
	s32 shm_cpid, shm_lpid;
	u64 shm_nattch;
	u64 unused4, unused5;
};
static_assert(sizeof(struct abi_shmid_ds) == 112, "shmid64_ds");

struct abi_shminfo {
	u64 shmmax, shmmin, shmmni, shmseg, shmall;
	u64 unused[4];
};

struct abi_shm_info {
	s32 used_ids;
	u64 shm_tot, shm_rss, shm_swp, swap_attempts, swap_successes;
};

struct abi_sembuf {
	u16 sem_num;
	s16 sem_op, sem_flg;
};

struct abi_semid_ds {
	struct abi_ipc_perm sem_perm;
	s64 sem_otime;
	u64 unused1;
	s64 sem_ctime;
	u64 unused2;
	u64 sem_nsems;
	u64 unused3, unused4;
};
static_assert(sizeof(struct abi_semid_ds) == 104, "semid64_ds");

struct abi_seminfo {
	s32 semmap, semmni, semmns, semmnu, semmsl, semopm, semume, semusz,
	    semvmx, semaem;
};

struct abi_msqid_ds {
	struct abi_ipc_perm msg_perm;
	s64 msg_stime, msg_rtime, msg_ctime;
	u64 msg_cbytes, msg_qnum, msg_qbytes;
	s32 msg_lspid, msg_lrpid;
	u64 unused4, unused5;
};
static_assert(sizeof(struct abi_msqid_ds) == 120, "msqid64_ds");

struct abi_msginfo {
	s32 msgpool, msgmap, msgmax, msgmnb, msgmni, msgssz, msgtql;
	u16 msgseg;
};

struct abi_msgbuf { s64 mtype; char mtext[]; };

#endif
