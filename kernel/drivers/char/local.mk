# SPDX-License-Identifier: MIT
vmkerla_elf_SOURCES += %D%/kmsg.c
vmkerla_elf_SOURCES += %D%/mem.c
vmkerla_elf_SOURCES += %D%/random.c
noinst_HEADERS += %D%/chr_mem.h
