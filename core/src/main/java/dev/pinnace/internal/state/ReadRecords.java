package dev.pinnace.internal.state;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Records that were decoded or encoded before, with their bytes: a file that holds the same bytes
 * still, whoever wrote it, need not be decoded again. Thread-safe.
 */
final class ReadRecords {
  private static final int MOST = 1024;

  private final Map<Path, Known> byFile = new ConcurrentHashMap<>();

  private record Known(ByteBuffer bytes, ContainerRecord record) {}

  /** What {@code bytes}, the content of {@code file}, say. */
  ContainerRecord decode(Path file, byte[] bytes) {
    Known known = byFile.get(file);
    if (known != null && known.bytes().equals(ByteBuffer.wrap(bytes))) {
      return known.record();
    }
    ContainerRecord record = RecordCodec.decode(bytes, file.toString());
    keep(file, bytes, record);
    return record;
  }

  /** What {@code file} held when it was read or written last. */
  Optional<ContainerRecord> last(Path file) {
    return Optional.ofNullable(byFile.get(file)).map(Known::record);
  }

  /** The bytes for {@code file}, which will be read back. */
  byte[] encode(Path file, ContainerRecord record) {
    byte[] bytes = RecordCodec.encode(record);
    keep(file, bytes, record);
    return bytes;
  }

  private void keep(Path file, byte[] bytes, ContainerRecord record) {
    if (byFile.size() >= MOST) {
      byFile.clear();
    }
    byFile.put(file, new Known(ByteBuffer.wrap(bytes), record));
  }

  /** Forgets a file that is removed. */
  void forget(Path file) {
    byFile.remove(file);
  }
}
