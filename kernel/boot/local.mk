# SPDX-License-Identifier: MIT
# boot/local.mk - entry, bootinfo, command line, and vmlinuz-kerla.
#
# vmkerla.elf is linked twice (link-kernel.sh). kernel.lds puts .relocs and
# .ksyms behind all code and data, so filling them moves .bss only:
#
#	KERNEL_CC ... -Wl,--emit-relocs -Wl,-T,kernel.lds -o OUT.1 objects
#	boot/tools/relocs --table OUT.1 >relocs.S	# section .relocs
#	KERNEL_CC -c relocs.S
#	KERNEL_CC ... the same ... -o OUT objects ksyms.o relocs.o
#	boot/tools/relocs --check OUT	# its table is right, W^X, sets in place
#
# An image linked without .relocs boots too, without KASLR. The relocation
# sections of --emit-relocs may be stripped from what is installed.
#
# vmlinuz-kerla is put together by boot/tools/mkbzimage from three ELF files:
# the 16-bit setup, vmkerla.elf, and the EFI stub, which is linked by itself
# at 0 from position-independent objects and shares no symbol with the kernel.
# boot/early.c is kernel, but position independent as well: it runs before the
# kernel is at its address. Their compile lines are here because Automake has
# no flags for a single object.

vmkerla_elf_SOURCES += %D%/bootinfo.c
vmkerla_elf_SOURCES += %D%/bootparams.c
vmkerla_elf_SOURCES += %D%/cmdline.c
vmkerla_elf_SOURCES += %D%/collect.c
vmkerla_elf_SOURCES += %D%/kparam.c
vmkerla_elf_SOURCES += %D%/pvh.c
vmkerla_elf_LDADD += %D%/early.o
KLINK_NEEDS += %D%/tools/relocs
KLINK_FLAGS += -r %D%/tools/relocs
noinst_DATA += vmlinuz-kerla
noinst_HEADERS += %D%/blob.h %D%/efi.h %D%/efistub.h
EXTRA_DIST += %D%/early.c %D%/efistub.c %D%/efiinitrd.c %D%/efihead.S %D%/efistub.lds \
	%D%/setup/setup.S %D%/setup/setup.lds \
	%D%/tools/elf.h %D%/tools/relocs.c %D%/tools/mkbzimage.c

BOOT_PIC_CFLAGS = -fpie -mcmodel=small -fvisibility=hidden \
	-fno-stack-protector -fno-sanitize=all -fno-jump-tables
BOOT_LINK = $(KERNEL_CC) -fno-lto -nostdlib -nostartfiles -static -no-pie \
	-Wl,--build-id=none -Wl,-z,noexecstack -Wl,--fatal-warnings
BOOT_DEP = -MMD -MP -MT $@ -MF $@.d
STUB_OBJECTS = %D%/stub-head.o %D%/stub-main.o %D%/stub-initrd.o \
	%D%/stub-cmdline.o

%D%/early.o: $(srcdir)/%D%/early.c autoconf.h
	$(AM_V_CC)$(MKDIR_P) %D% && $(COMPILE) $(BOOT_PIC_CFLAGS) $(BOOT_DEP) \
	  -c -o $@ $(srcdir)/%D%/early.c
%D%/stub-main.o: $(srcdir)/%D%/efistub.c autoconf.h
	$(AM_V_CC)$(MKDIR_P) %D% && $(COMPILE) $(BOOT_PIC_CFLAGS) $(BOOT_DEP) \
	  -g0 -c -o $@ $(srcdir)/%D%/efistub.c
%D%/stub-initrd.o: $(srcdir)/%D%/efiinitrd.c autoconf.h
	$(AM_V_CC)$(MKDIR_P) %D% && $(COMPILE) $(BOOT_PIC_CFLAGS) $(BOOT_DEP) \
	  -g0 -c -o $@ $(srcdir)/%D%/efiinitrd.c
%D%/stub-cmdline.o: $(srcdir)/%D%/cmdline.c autoconf.h
	$(AM_V_CC)$(MKDIR_P) %D% && $(COMPILE) $(BOOT_PIC_CFLAGS) $(BOOT_DEP) \
	  -g0 -c -o $@ $(srcdir)/%D%/cmdline.c
%D%/stub-head.o: $(srcdir)/%D%/efihead.S autoconf.h
	$(AM_V_CPPAS)$(MKDIR_P) %D% && $(CPPASCOMPILE) $(BOOT_DEP) \
	  -c -o $@ $(srcdir)/%D%/efihead.S
%D%/setup.o: $(srcdir)/%D%/setup/setup.S autoconf.h
	$(AM_V_CPPAS)$(MKDIR_P) %D% && $(CPPASCOMPILE) $(BOOT_DEP) \
	  -c -o $@ $(srcdir)/%D%/setup/setup.S
-include %D%/early.o.d %D%/stub-main.o.d %D%/stub-cmdline.o.d
-include %D%/stub-initrd.o.d %D%/stub-head.o.d %D%/setup.o.d

%D%/setup.elf: %D%/setup.o $(srcdir)/%D%/setup/setup.lds
	$(AM_V_KLD)$(BOOT_LINK) -Wl,-T,$(srcdir)/%D%/setup/setup.lds -o $@ \
	  %D%/setup.o
%D%/efistub.elf: $(STUB_OBJECTS) $(srcdir)/%D%/efistub.lds %D%/tools/relocs
	$(AM_V_KLD)$(BOOT_LINK) -Wl,--emit-relocs \
	  -Wl,-T,$(srcdir)/%D%/efistub.lds -o $@.tmp $(STUB_OBJECTS)
	$(AM_V_at)%D%/tools/relocs --none $@.tmp && mv -f $@.tmp $@

%D%/tools/relocs: $(srcdir)/%D%/tools/relocs.c $(srcdir)/%D%/tools/elf.h
	$(AM_V_GEN)$(MKDIR_P) %D%/tools && $(BUILD_CC) $(BUILD_CFLAGS) -o $@ \
	  $(srcdir)/%D%/tools/relocs.c
%D%/tools/mkbzimage: $(srcdir)/%D%/tools/mkbzimage.c \
		$(srcdir)/%D%/tools/elf.h
	$(AM_V_GEN)$(MKDIR_P) %D%/tools && $(BUILD_CC) $(BUILD_CFLAGS) -o $@ \
	  $(srcdir)/%D%/tools/mkbzimage.c

# The version as file(1) and boot loaders show it: uname -r, then uname -v.
vmlinuz-kerla: vmkerla.elf %D%/setup.elf %D%/efistub.elf %D%/tools/mkbzimage
	$(AM_V_GEN)v=`sed -n -e 's/^#define CONFIG_UNAME_RELEASE "\(.*\)".*/\1/p' \
	    -e 's/^#define CONFIG_UNAME_VERSION "\(.*\)".*/\1/p' autoconf.h | \
	    tr '\n' ' '` && \
	  %D%/tools/mkbzimage -v "$${v% }" -e %D%/efistub.elf \
	    -s %D%/setup.elf -k vmkerla.elf -o $@

CLEANFILES += vmlinuz-kerla %D%/*.o.d %D%/early.o $(STUB_OBJECTS) \
	%D%/setup.o %D%/setup.elf %D%/efistub.elf %D%/efistub.elf.tmp \
	%D%/tools/relocs %D%/tools/mkbzimage
