package dev.pinnace.linux.plan;

import java.util.Locale;

/** What a step does; with its number in the format (docs/formats.md). */
enum Operation {
  CALL(1),
  CHECK(2),
  STORE(3),
  WRITEALL(4),
  MKPATH(5),
  USERNS(6),
  CLONE(7),
  SYNC(8),
  AWAIT(9),
  SENDFD(10),
  EXEC(11),
  FILTER(12),
  INIT(13),
  DEVICES(14),
  COVER(15);

  private final int number;

  Operation(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  String title() {
    return name().toLowerCase(Locale.ROOT);
  }
}
