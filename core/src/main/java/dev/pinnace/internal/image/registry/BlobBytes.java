package dev.pinnace.internal.image.registry;

import java.io.IOException;
import java.io.InputStream;

/** A blob that is here, to be read as often as its upload needs it. */
@FunctionalInterface
public interface BlobBytes {
  /** Its bytes, to be closed by the caller. */
  InputStream open() throws IOException;
}
