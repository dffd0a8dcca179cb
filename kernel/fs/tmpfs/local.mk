# SPDX-License-Identifier: MIT
vmkerla_elf_SOURCES += %D%/dir.c %D%/file.c %D%/shm.c %D%/super.c %D%/xattr.c
vmkerla_elf_SOURCES += %D%/tmpfs.h
