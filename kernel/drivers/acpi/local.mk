# SPDX-License-Identifier: MIT
vmkerla_elf_SOURCES += %D%/fadt.c
vmkerla_elf_SOURCES += %D%/madt.c
vmkerla_elf_SOURCES += %D%/power.c
vmkerla_elf_SOURCES += %D%/tables.c
