package dev.pinnace.examples.cli;

import dev.pinnace.error.PinnaceException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;

/** Standard input, output and error as bytes. */
final class Streams {
  private Streams() {}

  /** Standard input, to its end. */
  @SuppressWarnings("resource") // closing it would close the descriptor of the JVM
  static byte[] standardInput() {
    try {
      return new FileInputStream(FileDescriptor.in).readAllBytes();
    } catch (IOException e) {
      throw new PinnaceException("cannot read standard input: " + Failures.reason(e), e);
    }
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
