/* SPDX-License-Identifier: MIT */
/*
 * plugin_api.h - the part of QEMU's TCG plugin interface that events.c uses.
 *
 * Distributions package QEMU without its plugin header; the interface is
 * documented in QEMU's "QEMU TCG Plugins" and versioned: a plugin says which
 * version it was made for and QEMU refuses those it does not know.  run-bench
 * defines PLUGIN_API by what the installed QEMU speaks.
 */
#ifndef PLUGIN_API_H
#define PLUGIN_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXPORT __attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;

/* only its first members are looked at; it is QEMU that allocates it */
struct qemu_info {
	const char *target_name;
	struct {
		int min, cur;
	} version;
};

enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS };

typedef void (*tb_trans_cb)(qemu_plugin_id_t, struct qemu_plugin_tb *);
typedef void (*insn_exec_cb)(unsigned int vcpu, void *udata);
typedef void (*udata_cb)(qemu_plugin_id_t, void *udata);

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, tb_trans_cb);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *,
	insn_exec_cb, enum qemu_plugin_cb_flags, void *udata);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, udata_cb, void *udata);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *,
	size_t);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *);
/* to the log, with -d plugin */
void qemu_plugin_outs(const char *);
/* version 3 copies the bytes out, earlier ones lend them */
#if PLUGIN_API >= 3
size_t qemu_plugin_insn_data(const struct qemu_plugin_insn *, void *dest,
	size_t len);
#else
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *);
#endif

#endif
