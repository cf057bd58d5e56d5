package dev.pinnace.internal.image.registry.tls;

import dev.pinnace.error.RegistryException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A private key in PEM: PKCS #8 (RFC 5958), or the older forms of RSA (RFC 8017) and elliptic
 * curves (RFC 5915), which become PKCS #8 with the algorithm that the certificate names.
 */
final class PemKey {
  private static final Pattern BLOCK =
      Pattern.compile(
          "-----BEGIN ((?:[A-Z]+ )?)PRIVATE KEY-----(.+?)-----END \\1PRIVATE KEY-----",
          Pattern.DOTALL);
  private static final Map<String, String> SIGNATURES =
      Map.of("RSA", "SHA256withRSA", "EC", "SHA256withECDSA", "EdDSA", "EdDSA");
  private static final int SEQUENCE = 0x30;
  private static final int OCTETS = 4;
  private static final byte[] VERSION_0 = {2, 1, 0};

  private PemKey() {}

  /**
   * Reads the key of a certificate.
   *
   * @throws RegistryException naming the file, when it has none that fits
   */
  static PrivateKey read(Path file, PublicKey certified) {
    try {
      Matcher block = BLOCK.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
      if (!block.find()) {
        throw new GeneralSecurityException("there is no private key in PEM");
      }
      String form = block.group(1).strip();
      if (form.equals("ENCRYPTED") || block.group(2).contains("ENCRYPTED")) {
        throw new GeneralSecurityException(
            "it is encrypted; \"openssl pkey -in FILE -out NEW\" takes its password away");
      }
      byte[] bytes = Base64.getMimeDecoder().decode(block.group(2));
      PrivateKey key =
          KeyFactory.getInstance(certified.getAlgorithm())
              .generatePrivate(
                  new PKCS8EncodedKeySpec(form.isEmpty() ? bytes : wrapped(bytes, certified)));
      check(key, certified);
      return key;
    } catch (IOException | GeneralSecurityException | IllegalArgumentException failure) {
      throw new RegistryException(
          "cannot use the key in " + file + ": " + failure.getMessage(), failure);
    }
  }

  private static void check(PrivateKey key, PublicKey certified) throws GeneralSecurityException {
    String algorithm = SIGNATURES.get(certified.getAlgorithm());
    if (algorithm != null) {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update(VERSION_0);
      byte[] signed = signature.sign();
      signature.initVerify(certified);
      signature.update(VERSION_0);
      if (!signature.verify(signed)) {
        throw new GeneralSecurityException("it is not that of the certificate beside it");
      }
    }
  }

  /** SEQUENCE of version, algorithm, and the key as OCTET STRING. */
  private static byte[] wrapped(byte[] key, PublicKey certified) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(VERSION_0);
    all.writeBytes(algorithm(certified.getEncoded()));
    all.writeBytes(tagged(OCTETS, key));
    return tagged(SEQUENCE, all.toByteArray());
  }

  /** A SubjectPublicKeyInfo is a SEQUENCE that begins with the algorithm's. */
  private static byte[] algorithm(byte[] publicKey) {
    ByteBuffer in = ByteBuffer.wrap(publicKey);
    int unused = length(in);
    int begin = in.position();
    int length = length(in);
    return Arrays.copyOfRange(publicKey, begin, in.position() + length);
  }

  /** Reads a tag, which does not matter, and a length (X.690, 8.1.3). */
  private static int length(ByteBuffer in) {
    in.position(in.position() + 1);
    int length = in.get() & 0xff;
    if (length >= 0x80) {
      int bytes = length & 0x7f;
      length = 0;
      for (int i = 0; i < bytes; i++) {
        length = (length << 8) | (in.get() & 0xff);
      }
    }
    return length;
  }

  private static byte[] tagged(int tag, byte[] content) {
    int length = content.length;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    if (length < 0x80) {
      out.write(length);
    } else {
      out.write(0x82);
      out.write(length >> 8);
      out.write(length);
    }
    out.writeBytes(content);
    return out.toByteArray();
  }
}
