/* SPDX-License-Identifier: MIT */
/* sysvmsg - msgget, msgsnd, msgrcv, msgctl. */
#include "gt.h"
#include <sys/ipc.h>
#include <sys/msg.h>

#ifndef MSG_COPY
#define MSG_COPY 040000
#endif

static struct { long type; char text[9000]; } buf;

static long
snd(int id, long type, const char *t, int flags)
{
	buf.type = type;
	strcpy(buf.text, t);
	return syscall(SYS_msgsnd, id, &buf, strlen(t), flags);
}

static void
rcv(const char *what, int id, size_t n, long type, int flags)
{
	long r;

	memset(&buf, 0, sizeof(buf));
	r = syscall(SYS_msgrcv, id, &buf, n, type, flags);
	if (r < 0)
		val(what, r);
	else
		out("%s: %ld type %ld %s", what, r, buf.type, buf.text);
}

static void
stat_line(int id)
{
	struct msqid_ds ds;

	if (syscall(SYS_msgctl, id, IPC_STAT, &ds))
		out("stat: %s", gt_errno(errno));
	else
		out("stat: mode %o bytes %lu nr %lu max %lu mine %d %d",
		    ds.msg_perm.mode, ds.__msg_cbytes, ds.msg_qnum,
		    ds.msg_qbytes, ds.msg_lspid == getpid(),
		    ds.msg_lrpid == getpid());
}

static void
order(void)
{
	int id = (int)NEED(syscall(SYS_msgget, 0x3e55, 0640 | IPC_CREAT));

	VAL(syscall(SYS_msgget, 0x3e55, IPC_CREAT | IPC_EXCL));
	VAL(syscall(SYS_msgget, 0x3e56, 0));
	VAL(snd(id, 3, "three", 0));
	VAL(snd(id, 1, "one", 0));
	VAL(snd(id, 2, "two", 0));
	VAL(snd(id, 1, "uno", 0));
	VAL(snd(id, 9, "", 0));
	stat_line(id);
	rcv("copy 2", id, 100, 2, MSG_COPY | IPC_NOWAIT);
	rcv("copy 7", id, 100, 7, MSG_COPY | IPC_NOWAIT);
	rcv("copy short", id, 1, 2, MSG_COPY | IPC_NOWAIT);
	rcv("copy cut", id, 1, 2, MSG_COPY | IPC_NOWAIT | MSG_NOERROR);
	rcv("copy waits", id, 100, 2, MSG_COPY);
	rcv("least <= 2", id, 100, -2, 0);
	rcv("too big", id, 2, 2, 0);
	rcv("cut", id, 2, 2, MSG_NOERROR);
	rcv("not 3", id, 100, 3, MSG_EXCEPT);
	rcv("any", id, 100, 0, 0);
	rcv("none", id, 100, 5, IPC_NOWAIT);
	rcv("empty", id, 0, 0, 0);
	stat_line(id);
	VAL(syscall(SYS_msgctl, id, IPC_RMID, 0));
	rcv("removed", id, 100, 0, 0);
}

static void
errors(void)
{
	int id = (int)NEED(syscall(SYS_msgget, IPC_PRIVATE, 0600));

	VAL(snd(id, 0, "x", 0));
	VAL(snd(id, -1, "x", 0));
	VAL(snd(-1, 1, "x", 0));
	VAL(snd(id + 32768, 1, "x", 0));
	buf.type = 1;
	VAL(syscall(SYS_msgsnd, id, &buf, 8193, 0));
	VAL(syscall(SYS_msgsnd, id, &buf, -1l, 0));
	VAL(syscall(SYS_msgsnd, id, BAD, 1, 0));
	VAL(syscall(SYS_msgrcv, id, &buf, -1l, 0, 0));
	VAL(syscall(SYS_msgctl, id, IPC_STAT, BAD));
	VAL(syscall(SYS_msgctl, id, 77, &buf));
	VAL(syscall(SYS_msgsnd, id, &buf, 8192, 0));
	VAL(syscall(SYS_msgsnd, id, &buf, 8192, 0));
	VAL(syscall(SYS_msgsnd, id, &buf, 1, IPC_NOWAIT));
	VAL(syscall(SYS_msgrcv, id, BAD, 8192, 0, 0));
	stat_line(id);
	VAL(syscall(SYS_msgctl, id, IPC_RMID, 0));
}

/* echo: what comes with type 1 goes back with type 2 */
static void
echo(void)
{
	int id = (int)NEED(syscall(SYS_msgget, IPC_PRIVATE, 0600)), p, st, bad = 0;

	p = fork();
	if (!p) {
		for (;;) {
			long r = syscall(SYS_msgrcv, id, &buf, 100, 1l, 0);

			if (r < 0)
				_exit(errno == EIDRM || errno == EINVAL ? 43 : 1);
			buf.type = 2;
			if (syscall(SYS_msgsnd, id, &buf, r, 0))
				_exit(2);
		}
	}
	for (int i = 0; i < 500; i++) {
		char t[20];

		sprintf(t, "%d", i);
		snd(id, 1, t, 0);
		memset(&buf, 0, sizeof(buf));
		syscall(SYS_msgrcv, id, &buf, 100, 2l, 0);
		bad += strcmp(buf.text, t) != 0;
	}
	out("echo: %d bad", bad);
	VAL(syscall(SYS_msgctl, id, IPC_RMID, 0));
	waitpid(p, &st, 0);
	out("echo: %s", gt_status(st));
}

int
main(void)
{
	order();
	errors();
	echo();
	return 0;
}
