package dev.pinnace.internal.layer;

/** What the extended headers and sparse maps of one entry may take, all together. */
final class MetadataBudget {
  /** GNU tar writes two long names, pax one header of records; several programs may follow. */
  private static final int MOST_HEADERS = 16;

  private final LayerLimits limits;
  private final String subject;
  private int headers;
  private long bytes;

  MetadataBudget(LayerLimits limits, String subject) {
    this.limits = limits;
    this.subject = subject;
  }

  /** One more extended header. */
  void header(String where) {
    if (++headers > MOST_HEADERS) {
      throw LayerLimits.exceeded(subject, where, "extended headers in a row", MOST_HEADERS);
    }
  }

  /** So many bytes more will be kept. */
  void keep(long more, String where) {
    bytes += more;
    if (bytes > limits.metadata()) {
      throw LayerLimits.exceeded(
          subject, where, "bytes of extended headers and sparse map", limits.metadata());
    }
  }
}
