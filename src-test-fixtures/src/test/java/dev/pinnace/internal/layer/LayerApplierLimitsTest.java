package dev.pinnace.internal.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.fixtures.layer.LayerArchive;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How much a layer may have. */
class LayerApplierLimitsTest extends LayerApplierFixture {
  @Test
  void apply_moreEntriesThanAllowed_isRefused() {
    options = options.withLimits(LayerLimits.defaults().withEntries(3));
    LayerArchive archive = new LayerArchive().dir("a").dir("b").dir("c").dir("fourth");
    assertThatThrownBy(() -> apply(archive))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("fourth");
  }

  /** A hundred gigabytes are refused by their header; zeros that do come, where they pass it. */
  @Test
  void apply_moreBytesThanAllowed_areRefusedAsSoonAsThatIsKnown() {
    byte[] none = new byte[0];
    assertThatThrownBy(() -> apply(new LayerArchive().raw('0', "huge", 100L << 30, none)))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("up to entry \"huge\" has more than " + (64L << 30) + " bytes");

    options = options.withLimits(LayerLimits.defaults().withBytes(8 << 20));
    Endless zeros = new Endless(entry(new LayerArchive().file("zeros", new byte[1 << 20])));
    assertThatThrownBy(() -> LayerApplier.apply(zeros, target, options))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("has more than " + (8 << 20) + " bytes; the limit is fixed");
    assertThat(zeros.read).isBetween(8L << 20, 10L << 20);
  }

  /** What is passed over fills no disk, but takes time for as long as it comes. */
  @Test
  void apply_moreThatIsPassedOver_thanFilesMayHave_isRefused() {
    long most = 1L << 20;
    options = options.withLimits(LayerLimits.defaults().withBytes(most));
    byte[] none = new byte[0];
    for (char flag : new char[] {'g', 'V'}) {
      assertThatThrownBy(() -> apply(new LayerArchive().raw(flag, "x", 100L << 30, none)))
          .isInstanceOf(InvalidSpecException.class)
          .hasMessageContaining("has more than " + most + " bytes");
    }
    LayerArchive global = new LayerArchive().raw('g', "x", 1 << 16, new byte[1 << 16]).dir("d");
    Endless[] archives = {new Endless(new byte[1 << 16]), new Endless(entry(global))};
    for (Endless archive : archives) {
      assertThatThrownBy(() -> LayerApplier.apply(archive, target, options))
          .isInstanceOf(InvalidSpecException.class)
          .hasMessageContaining("has more than " + most + " bytes");
      assertThat(archive.read).isBetween(most, most + (8 << 20));
    }
  }

  @Test
  void apply_entriesWithoutEnd_areRefusedAtTheLimit() {
    options = options.withLimits(LayerLimits.defaults().withEntries(100_000));
    Endless entries = new Endless(entry(new LayerArchive().dir("d")));
    assertThatThrownBy(() -> LayerApplier.apply(entries, target, options))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("has more than 100000 entries");
    assertThat(entries.read).isBetween(100_000L * 512, 101_000L * 512);
  }

  private static byte[] entry(LayerArchive archive) {
    byte[] all = archive.bytes();
    return Arrays.copyOf(all, all.length - 1024);
  }

  /** The names of directories, and with copies of all, are kept until the end. */
  @ParameterizedTest
  @EnumSource(LayerOptions.Whiteouts.class)
  void apply_morePathsThanMayBeRemembered_isRefused(LayerOptions.Whiteouts style) {
    options =
        options.withWhiteouts(style).withLimits(LayerLimits.defaults().withPaths(10 * (128 + 200)));
    LayerArchive archive = new LayerArchive();
    for (int i = 10; i < 22; i++) {
      archive.dir(i + "d".repeat(198) + "/");
    }
    assertThatThrownBy(() -> apply(archive))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContainingAll(
            // A copy's whiteouts need the path a second time.
            style == LayerOptions.Whiteouts.REMOVE ? "15ddd" : "20ddd", "bytes of paths");
  }

  /** Eight headers just below the limit of one, which once were taken in all together. */
  @Test
  void apply_headersBelowTheLimit_areCountedTogether() {
    options = options.withLimits(LayerLimits.defaults().withMetadata(1000));
    byte[] pax = LayerArchive.pax("comment=" + "x".repeat(300));
    LayerArchive archive = new LayerArchive().file("before", "");
    for (int i = 0; i < 4; i++) {
      archive.raw('x', "h", pax.length, pax);
    }
    assertThatThrownBy(() -> apply(archive.file("bomb", "")))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContainingAll("before", "1000 bytes of extended headers");
  }
}
