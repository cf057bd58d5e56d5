package dev.pinnace.linux;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.nio.channels.FileChannel;
import org.junit.jupiter.api.Test;

/** The rules of {@code docs/architecture.md} that concern this module. */
class ArchitectureTest {
  private static final JavaClasses NATIVES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.pinnace.linux");

  @Test
  void jna_isUsed_inOnePackage() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.pinnace.linux.internal.jna")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("com.sun.jna..")
        .check(NATIVES);
  }

  @Test
  void standardStreams_ofTheJvm_areNotUsed() {
    noClasses().should().accessField(System.class, "out").check(NATIVES);
    noClasses().should().accessField(System.class, "err").check(NATIVES);
  }

  @Test
  void fileLocks_ofTheJdk_areNotUsed() {
    noClasses()
        .should()
        .callMethod(FileChannel.class, "lock")
        .orShould()
        .callMethod(FileChannel.class, "tryLock")
        .because("they are POSIX locks: closing any descriptor of the file drops them")
        .check(NATIVES);
  }
}
