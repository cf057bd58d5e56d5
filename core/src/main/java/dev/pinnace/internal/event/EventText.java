package dev.pinnace.internal.event;

import dev.pinnace.internal.json.JsonTree;
import dev.pinnace.internal.json.RecordJson;
import dev.pinnace.internal.state.ContainerRecord;
import java.io.IOException;
import java.util.Map;

/**
 * What an event says of its container, image or volume, in JSON: docs/formats.md, <i>Events</i>.
 *
 * @param id its id in hexadecimal; of an image see {@link dev.pinnace.event.Event#actor}
 * @param name its name
 * @param image as its user named it; of an image as the name
 * @param labels its labels
 * @param details what else there is to say
 */
public record EventText(
    String id, String name, String image, Map<String, String> labels, Map<String, String> details) {
  /** No event may crowd out all others, and its frame is one write. */
  private static final int MOST = 32 * 1024;

  /**
   * What is said of {@code container}, in at most 32 KiB: without its labels where they are more.
   */
  public static byte[] of(ContainerRecord container, Map<String, String> details) {
    byte[] whole = of(container, container.spec().labels(), details);
    return whole.length <= MOST ? whole : of(container, Map.of(), details);
  }

  /** The same of an image or a volume, which has no image. */
  public static byte[] of(String actor, String name, String image, Map<String, String> labels) {
    byte[] whole = new EventText(actor, name, image, labels, Map.of()).encode();
    return whole.length <= MOST
        ? whole
        : new EventText(actor, name, image, Map.of(), Map.of()).encode();
  }

  /** The same of a volume or a network, with what else there is to say. */
  public static byte[] of(String actor, String name, Map<String, String> details) {
    return new EventText(actor, name, "", Map.of(), details).encode();
  }

  private static byte[] of(
      ContainerRecord container, Map<String, String> labels, Map<String, String> details) {
    return new EventText(
            container.id().hex(), container.name(), container.spec().image(), labels, details)
        .encode();
  }

  private byte[] encode() {
    return RecordJson.encode(this);
  }

  /**
   * Reads it back.
   *
   * @throws IOException if it is damaged
   */
  static EventText decode(byte[] bytes) throws IOException {
    try {
      return RecordJson.decode(bytes, EventText.class);
    } catch (RuntimeException e) {
      throw new IOException(JsonTree.reason(e), e);
    }
  }
}
