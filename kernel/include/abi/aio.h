/* SPDX-License-Identifier: MIT */
/* Asynchronous I/O: io_setup(2), io_submit(2). */
#ifndef ABI_AIO_H
#define ABI_AIO_H

#include <lib/types.h>

#define IOCB_CMD_PREAD		0
#define IOCB_CMD_PWRITE		1
#define IOCB_CMD_FSYNC		2
#define IOCB_CMD_FDSYNC		3
#define IOCB_CMD_POLL		5
#define IOCB_CMD_NOOP		6	/* has no meaning: EINVAL */
#define IOCB_CMD_PREADV		7
#define IOCB_CMD_PWRITEV	8

#define IOCB_FLAG_RESFD		1
#define IOCB_FLAG_IOPRIO	2

struct abi_iocb {
	u64 aio_data;
	u32 aio_key;
	u32 aio_rw_flags;	/* RWF_* */
	u16 aio_lio_opcode;
	s16 aio_reqprio;
	u32 aio_fildes;
	u64 aio_buf;
	u64 aio_nbytes;
	s64 aio_offset;
	u64 aio_reserved2;
	u32 aio_flags;
	u32 aio_resfd;
};
static_assert(sizeof(struct abi_iocb) == 64, "ABI");

struct abi_io_event {
	u64 data, obj;
	s64 res, res2;
};
static_assert(sizeof(struct abi_io_event) == 32, "ABI");

/*
 * The head of the ring; its address is the context's name. Programs may take
 * events off by themselves, and move head; the kernel moves tail.
 */
struct abi_aio_ring {
	u32 id, nr;
	u32 head, tail;
	u32 magic;
	u32 compat_features, incompat_features;
	u32 header_length;
};
static_assert(sizeof(struct abi_aio_ring) == 32, "ABI");

#define AIO_RING_MAGIC			0xa10a10a1U
#define AIO_RING_COMPAT_FEATURES	1
#define AIO_RING_INCOMPAT_FEATURES	0

#endif
