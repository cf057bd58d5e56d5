package dev.pinnace.internal.state;

import dev.pinnace.error.CorruptException;
import dev.pinnace.internal.json.JsonTree;
import dev.pinnace.internal.json.RecordJson;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Records as JSON. */
final class RecordCodec {
  private RecordCodec() {}

  static byte[] encode(ContainerRecord record) {
    return RecordJson.encode(record);
  }

  static ContainerRecord decode(byte[] bytes, String source) {
    try {
      return RecordJson.decode(bytes, ContainerRecord.class);
    } catch (IOException | RuntimeException e) {
      throw damaged(source, JsonTree.reason(e), e);
    }
  }

  /** A record that cannot be read: the container can be removed, and that is all. */
  static CorruptException damaged(String source, String reason, @Nullable Throwable cause) {
    return new CorruptException(
        source + " is damaged: " + reason + "; remove that container by force, as rm -f does",
        cause);
  }
}
