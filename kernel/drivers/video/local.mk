# SPDX-License-Identifier: MIT
vmkerla_elf_SOURCES += %D%/font_data.S
vmkerla_elf_SOURCES += %D%/start.c
vmkerla_elf_SOURCES += %D%/vgacon.c
vmkerla_elf_SOURCES += %D%/video.c
if FRAMEBUFFER
vmkerla_elf_SOURCES += %D%/fbcon.c
endif
noinst_HEADERS += %D%/local.h
