# SPDX-License-Identifier: MIT
vmkerla_elf_SOURCES += %D%/copy_up.c %D%/dir.c %D%/file.c %D%/inode.c
vmkerla_elf_SOURCES += %D%/readdir.c %D%/super.c
vmkerla_elf_SOURCES += %D%/overlay.h
