# SPDX-License-Identifier: MIT
vmkerla_elf_SOURCES += %D%/atkbd.c
vmkerla_elf_SOURCES += %D%/i8042.c
vmkerla_elf_SOURCES += %D%/pcspkr.c
noinst_HEADERS += %D%/local.h
