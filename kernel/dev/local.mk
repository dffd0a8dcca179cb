# SPDX-License-Identifier: MIT
vmkerla_elf_SOURCES += %D%/chrdev.c
vmkerla_elf_SOURCES += %D%/dev.c
