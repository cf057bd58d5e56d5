package dev.pinnace.internal.content;

import dev.pinnace.spec.Digest;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Computes digests. */
public final class Sha256 {
  private final MessageDigest sha256 = newDigest();

  private static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java platform has SHA-256", impossible);
    }
  }

  /** The digest of {@code bytes}. */
  public static Digest of(byte[] bytes) {
    Sha256 all = new Sha256();
    all.update(bytes, 0, bytes.length);
    return all.finish();
  }

  /** Takes in more bytes. */
  public void update(byte[] bytes, int from, int length) {
    sha256.update(bytes, from, length);
  }

  /** The digest of everything taken in; a new computation begins. */
  public Digest finish() {
    return new Digest(HexFormat.of().formatHex(sha256.digest()));
  }
}
