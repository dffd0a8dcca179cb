# SPDX-License-Identifier: MIT
vmkerla_elf_SOURCES += %D%/attr.c
vmkerla_elf_SOURCES += %D%/inode.c
vmkerla_elf_SOURCES += %D%/tree.c
noinst_HEADERS += %D%/local.h
vmkerla_elf_SOURCES += %D%/thp.c
