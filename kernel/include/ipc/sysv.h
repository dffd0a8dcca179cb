/* SPDX-License-Identifier: MIT */
/*
 * The inner halves of System V IPC's calls, for syscall/sys_ipc.c: kernel
 * memory only. All: T, may sleep; results as the calls', section 2.
 */
#ifndef IPC_SYSV_H
#define IPC_SYSV_H

#include <abi/ipc.h>
#include <lib/list.h>
#include <lib/types.h>

int shm_get(s32 key, size_t size, int flags);
/* *raddr: where it is. @addr 0: anywhere */
int shm_attach(int id, vaddr_t addr, int flags, vaddr_t *raddr);
int shm_detach(vaddr_t addr);
int shm_lock(int id, bool lock);
/* cmd IPC_STAT, SHM_STAT, SHM_STAT_ANY: 0 or the id */
int shm_stat(int id, int cmd, struct abi_shmid_ds *out);
int shm_set_perm(int id, const struct abi_ipc_perm *in);
int shm_rmid(int id);
int shm_limits(struct abi_shminfo *out);	/* the highest index */
int shm_usage(struct abi_shm_info *out);

int sem_get(s32 key, int nsems, int flags);
/* ops[n], 1 <= n; deadline NSEC_MAX: none */
int sem_op(int id, const struct abi_sembuf *ops, u32 n, nsec_t deadline);
int sem_limit_ops(void);
int sem_stat(int id, int cmd, struct abi_semid_ds *out);
int sem_set_perm(int id, const struct abi_ipc_perm *in);
int sem_rmid(int id);
int sem_info(int cmd, struct abi_seminfo *out);
int sem_one(int id, int num, int cmd);		/* GETVAL and its like */
int sem_set_one(int id, int num, int val);
/* *vals gets kvfree-able memory of the set's values; their number or -errno */
int sem_get_all(int id, u16 **vals);
/* how many values SETALL takes; then all of them */
int sem_count(int id);
int sem_set_all(int id, const u16 *vals, u32 n);

/* A message, owned by who has it. */
struct ipc_msg {
	struct list_head link;
	s64 type;
	size_t len;
	u8 text[];
};
struct ipc_msg *msg_alloc(size_t len);		/* NULL: no memory */
void msg_free(struct ipc_msg *m);
int msg_get(s32 key, int flags);
u32 msg_limit_size(void);
/* msg_send - takes m over when it succeeds */
int msg_send(int id, struct ipc_msg *m, int flags);
/* msg_receive - 0 and *out, owned by the caller */
int msg_receive(int id, size_t size, s64 type, int flags, struct ipc_msg **out);
int msg_stat(int id, int cmd, struct abi_msqid_ds *out);
int msg_set_perm(int id, const struct abi_ipc_perm *in, u64 qbytes);
int msg_rmid(int id);
int msg_info(int cmd, struct abi_msginfo *out);

#endif
