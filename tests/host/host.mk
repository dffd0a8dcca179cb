# SPDX-License-Identifier: MIT
# host.mk - builds the host tests: kernel sources, unmodified, with the host's
# compiler and sanitizers. Run in the folder where the programs shall be:
#
#	make -f tests/host/host.mk top_srcdir=DIR [CC=gcc] [all | unit-X | fuzz-X]
#
# A unit is a program: its tests (tests/unit), the kernel files under test, and
# the shims below them. Symbols that nothing defines are allowed: missing.awk
# gives them an address where nothing is mapped, so a test that reaches one
# says its name.

top_srcdir ?= ../..
CC ?= cc
AWK ?= awk
NM ?= nm
K = $(top_srcdir)/kernel
T = $(top_srcdir)/tests
O = obj

LIB = $(addprefix lib/,bitmap.c bpf.c chacha20.c civil.c crc.c hash.c idmap.c \
	inflate.c kstrto.c printf.c radix.c rbtree.c sha256.c sort.c string.c utf8.c)
SYNC = $(addprefix sched/,lockrank.c mutex.c rwsem.c waitq.c)
USER = arch/x86_64/uaccess.S arch/x86_64/usercopy.c core/extable.c

# kernel files, test files, shims beside shim_core.c
lib_k = $(LIB)
lib_u = lib_string.c lib_printf.c lib_trees.c lib_inflate.c lib_bpf.c lib_idmap.c lib_misc.c
boot_k = $(LIB) $(addprefix boot/,bootinfo.c bootparams.c cmdline.c kparam.c \
	pvh.c)
boot_u = boot_bootinfo.c boot_cmdline.c
sched_k = $(LIB) sched/runqueue.c
sched_u = sched_runqueue.c
elf_k = $(LIB) proc/elf_parse.c
elf_u = proc_elf.c
user_k = $(LIB) $(USER) mm/iov_iter.c $(SYNC)
user_u = mm_uaccess.c mm_iov_iter.c
user_s = shim_kmalloc.c shim_page.c
tty_k = $(LIB) tty/ntty.c tty/vtparse.c tty/vtscreen.c
tty_u = tty_ntty.c tty_vt.c
log_k = $(LIB) core/log.c core/timer.c boot/cmdline.c boot/kparam.c
log_u = core_log.c core_timer.c
log_s = shim_kmalloc.c
# the .c files a kernel folder's local.mk names
parts = $(addprefix $(1)/,$(filter %.c,$(subst %D%/, ,$(shell \
	grep '%D%' $(K)/$(1)/local.mk))))
mm_k = $(LIB) $(SYNC) $(call parts,mm) boot/cmdline.c
mm_u = mm_alloc.c mm_space.c mm_world.c
# with the machine's memory simplified: frames from shim_page.c
fs_k = $(LIB) $(SYNC) $(USER) $(call parts,vfs) $(call parts,fs/tmpfs) \
	fs/initramfs/initramfs.c $(addprefix mm/,iov_iter.c pagecache.c \
	pagelock.c truncate.c lru.c) $(addprefix task/,cred.c nsproxy.c \
	ucount.c user_ns.c) \
	$(addprefix syscall/,table.c sys_path.c sys_file.c sys_file_rw.c \
	sys_stat.c sys_dir.c)
fs_u = fs_world.c fs_calls.c fs_initramfs.c
fs_s = shim_kmalloc.c shim_page.c

task_k = $(LIB) $(SYNC) $(USER) task/pid.c task/kill.c task/siginfo.c \
	task/signal.c task/jobctl.c \
	$(addprefix task/,cred.c nsproxy.c pid_ns.c ucount.c user_ns.c)
task_u = task_signal.c
task_s = shim_kmalloc.c

ipc_k = $(LIB) ipc/sem_ops.c ipc/msg_pick.c
ipc_u = ipc_pure.c

UNITS = lib boot sched elf user tty log mm fs task ipc

# ---- how ---------------------------------------------------------------
# One probe, kept: what of the sanitizers can be compiled, linked and run here.
ifneq ($(MAKECMDGOALS),clean)
$(O)/flags.mk:
	@mkdir -p $(O); echo 'int main(void){return 0;}' >$(O)/probe.c; \
	for f in '-fsanitize=address,undefined -fno-sanitize-recover=all' \
	  '-fsanitize=undefined -fno-sanitize-recover=all' ''; do \
	  if $(CC) $$f -o $(O)/probe $(O)/probe.c 2>/dev/null && \
	    $(O)/probe 2>/dev/null; then break; fi; \
	done; echo "SAN = $$f" >$@
-include $(O)/flags.mk
endif
ifneq ($(filter fuzz-%,$(MAKECMDGOALS)),)
SAN += -fsanitize=fuzzer-no-link
endif

# As the kernel's flags where they change what code means; gs base is 0 in a
# Linux process, so per-CPU accesses find the variables themselves.
BASE = -std=gnu17 -g -O1 -ffreestanding -nostdinc \
	-isystem $(shell $(CC) -print-file-name=include) \
	-I$(T)/host/include -I$(K)/include -I$(K) -I$(T)/unit -I$(T)/host \
	-include $(T)/host/autoconf.h -fpie -fno-omit-frame-pointer \
	-fno-strict-aliasing -fno-common -fno-strict-overflow \
	-fno-delete-null-pointer-checks -fno-stack-protector -U_FORTIFY_SOURCE \
	-fno-lto -Wall -Wno-unused-parameter
# reads whole words behind the end of strings: no address checks in it
OWN_STRING = -DHOST_OWN_STRING -fno-builtin $(filter-out -fsanitize%,$(SAN))
DEPS = -MMD -MP -MF $@.d

Q = @
ifeq ($(V),1)
Q =
endif
say = @echo "  HOSTCC   $@"

$(O)/k/lib/string.o: $(K)/lib/string.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(BASE) $(OWN_STRING) $(DEPS) -c -o $@ $<
# so do these, within the page, when they hash and compare names
$(addprefix $(O)/k/vfs/,namei.o dcache.o dcache_tree.o dcache_move.o lookup.o): \
		$(O)/k/vfs/%.o: $(K)/vfs/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(BASE) $(filter-out -fsanitize=%,$(SAN)) \
	  $(if $(SAN),-fsanitize=undefined) $(DEPS) -c -o $@ $<
$(O)/u/lib_string.o: $(T)/unit/lib_string.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(BASE) $(OWN_STRING) $(DEPS) -c -o $@ $<
$(O)/gen/gen/proto.h: $(K)/syscall/syscalls.tbl $(K)/syscall/gen-syscalls.awk
	@mkdir -p $(@D); for o in proto table strace; do \
	  $(AWK) -v out=$$o -f $(K)/syscall/gen-syscalls.awk $< \
	    >$(@D)/$$o.h || exit; done
$(O)/k/syscall/table.o: $(K)/syscall/table.c $(O)/gen/gen/proto.h
	@mkdir -p $(@D)
	$(Q)$(CC) $(BASE) $(SAN) -I$(O)/gen $(DEPS) -c -o $@ $<
$(O)/k/%.o: $(K)/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(BASE) $(SAN) $(DEPS) -c -o $@ $<
$(O)/k/%.o: $(K)/%.S
	@mkdir -p $(@D)
	$(Q)$(CC) -I$(T)/host/include -I$(K)/include -D__ASSEMBLER__ $(DEPS) \
	  -c -o $@ $<
$(O)/u/%.o: $(T)/unit/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(BASE) $(SAN) $(DEPS) -c -o $@ $<
$(O)/h/host_os.o: $(T)/host/host_os.c
	@mkdir -p $(@D)
	$(Q)$(CC) -g -O1 -Wall $(SAN) $(DEPS) -c -o $@ $<
$(O)/h/%.o: $(T)/host/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(BASE) $(SAN) $(DEPS) -c -o $@ $<

define unit
$(1)_obj = $(patsubst %,$(O)/k/%.o,$(basename $($(1)_k))) \
	$(patsubst %.c,$(O)/u/%.o,$($(1)_u)) \
	$(patsubst %.c,$(O)/h/%.o,unit.c shim_core.c $($(1)_s))
$(O)/$(1)-list.c: $(addprefix $(T)/unit/,$($(1)_u)) $(T)/host/list.awk
	@mkdir -p $$(@D)
	$(Q)$(AWK) -f $(T)/host/list.awk $(addprefix $(T)/unit/,$($(1)_u)) >$$@.tmp
	@mv -f $$@.tmp $$@
unit-$(1): $$($(1)_obj) $(O)/h/host_os.o $(O)/$(1)-list.c $(T)/host/missing.awk
	@echo "  HOSTLD   $$@"
	$(Q)$(CC) $(BASE) $(SAN) -c -o $(O)/$(1)-list.o $(O)/$(1)-list.c
	$(Q)$(NM) $$($(1)_obj) $(O)/$(1)-list.o | \
	  $(AWK) -f $(T)/host/missing.awk >$(O)/$(1)-missing.S
	$(Q)$(CC) $(SAN) -pie -o $$@ $$($(1)_obj) $(O)/$(1)-list.o \
	  $(O)/$(1)-missing.S $(O)/h/host_os.o -Wl,-z,noexecstack \
	  -Wl,--defsym=__extable_start=__start_host_extable \
	  -Wl,--defsym=__extable_end=__stop_host_extable
# entries for libFuzzer: CC=clang
fuzz-$(1): $$($(1)_obj) $(T)/host/host_os.c $(O)/$(1)-list.c
	$(Q)$(CC) $(BASE) -c -o $(O)/$(1)-list.o $(O)/$(1)-list.c
	$(Q)$(NM) $$($(1)_obj) $(O)/$(1)-list.o | \
	  $(AWK) -f $(T)/host/missing.awk >$(O)/$(1)-missing.S
	$(Q)$(CC) -g -O1 $(SAN) -fsanitize=fuzzer -DHOST_LIBFUZZER -pie -o $$@ \
	  $$($(1)_obj) $(O)/$(1)-list.o $(O)/$(1)-missing.S $(T)/host/host_os.c \
	  -Wl,--defsym=__extable_start=__start_host_extable \
	  -Wl,--defsym=__extable_end=__stop_host_extable
endef
$(foreach u,$(UNITS),$(eval $(call unit,$(u))))

PROGRAMS = $(addprefix unit-,$(UNITS))
all: $(PROGRAMS)
.DEFAULT_GOAL = all
-include $(shell find $(O) -name '*.o.d' 2>/dev/null)
clean:
	rm -rf $(O) $(PROGRAMS)
.PHONY: all clean
