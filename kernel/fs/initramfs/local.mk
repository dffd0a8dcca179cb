vmkerla_elf_SOURCES += %D%/initramfs.c
