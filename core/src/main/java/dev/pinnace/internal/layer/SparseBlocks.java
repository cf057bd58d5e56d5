package dev.pinnace.internal.layer;

import java.io.IOException;

/** Reads the maps that GNU tar's sparse formats keep in blocks of their own. */
final class SparseBlocks {
  private static final int BLOCK = TarHeader.BLOCK;
  private static final int PART = 24;

  private final TarSource source;
  private final PaxRecords into;
  private final MetadataBudget budget;
  private final String where;
  private final byte[] block = new byte[BLOCK];

  SparseBlocks(TarSource source, PaxRecords into, MetadataBudget budget, String where) {
    this.source = source;
    this.into = into;
    this.budget = budget;
    this.where = where;
  }

  private void next() throws IOException {
    budget.keep(BLOCK, where);
    if (source.read(block, 0, BLOCK) < BLOCK) {
      throw new IllegalArgumentException(TarReader.TRUNCATED);
    }
  }

  /** GNU tar's first format: four parts in the header, then blocks of 21. */
  void readOld(TarHeader header) throws IOException {
    add(header.bytes(), 386, 4);
    boolean more = header.bytes()[482] != 0;
    while (more) {
      next();
      add(block, 0, 21);
      more = block[504] != 0;
    }
  }

  private void add(byte[] bytes, int from, int count) {
    for (int i = 0; i < count && bytes[from + PART * i] != 0; i++) {
      into.addSparse(TarNumber.parse(bytes, from + PART * i, 12));
      into.addSparse(TarNumber.parse(bytes, from + PART * i + 12, 12));
    }
  }

  /**
   * Format 1.0: decimal lines before the content: how many parts, then each.
   *
   * @param content bytes that the archive holds of the entry
   * @return how many of them are left
   */
  long readLines(long content) throws IOException {
    long left = content;
    long wanted = -1;
    long number = 0;
    boolean digits = false;
    long seen = 0;
    while (wanted < 0 || seen < wanted) {
      if (left < BLOCK) {
        throw new IllegalArgumentException(TarReader.TRUNCATED);
      }
      next();
      left -= BLOCK;
      for (int i = 0; i < BLOCK && (wanted < 0 || seen < wanted); i++) {
        if (block[i] == '\n' && digits) {
          if (wanted < 0) {
            wanted = Math.multiplyExact(Math.min(number, Integer.MAX_VALUE), 2L);
          } else {
            into.addSparse(number);
            seen++;
          }
          number = 0;
          digits = false;
        } else if (block[i] >= '0' && block[i] <= '9' && number < Long.MAX_VALUE / 10 - 9) {
          number = number * 10 + block[i] - '0';
          digits = true;
        } else {
          throw new IllegalArgumentException("its sparse map is malformed");
        }
      }
    }
    return left;
  }
}
