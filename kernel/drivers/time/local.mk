# SPDX-License-Identifier: MIT
vmkerla_elf_SOURCES += %D%/hpet.c
vmkerla_elf_SOURCES += %D%/pit.c
vmkerla_elf_SOURCES += %D%/pmtimer.c
vmkerla_elf_SOURCES += %D%/rtc.c
