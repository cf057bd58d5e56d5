package dev.pinnace.examples.cli;

import dev.pinnace.error.PinnaceException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;

/** Standard input, output and error as bytes. */
final class Streams {
  private Streams() {}

  /** Standard input as it comes. */
  static InputStream standardInput() {
    return new FileInputStream(FileDescriptor.in);
  }

  @SuppressWarnings("resource") // closing it would close the descriptor of the JVM
  static void write(FileDescriptor descriptor, byte[] bytes) {
    try {
      new FileOutputStream(descriptor).write(bytes);
    } catch (IOException e) {
      throw new PinnaceException("cannot pass output on: " + Failures.reason(e), e);
    }
  }
}
