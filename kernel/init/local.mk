vmkerla_elf_SOURCES += %D%/main.c
