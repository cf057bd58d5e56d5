package dev.pinnace;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import dev.pinnace.error.PinnaceException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.net.URL;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

/**
 * The package rules of {@code docs/architecture.md}. A rule about a package that does not exist yet
 * passes and begins to hold when the package appears.
 */
class ArchitectureTest {
  private static final JavaClasses CORE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("dev/pinnace/linux/"))
          .importPackages("dev.pinnace");

  /** Lowest first; a package uses its own layer and those below it. */
  private static final List<List<String>> LAYERS =
      List.of(
          List.of("dev.pinnace.error.."),
          List.of("dev.pinnace.spec..", "dev.pinnace.oci.."),
          List.of("dev.pinnace.event.."),
          List.of("dev.pinnace.spi.."),
          List.of("dev.pinnace"),
          List.of("dev.pinnace.internal.."));

  /** The one place where an interface names its implementation. */
  private static final String FACTORY = "dev.pinnace.Pinnace$Builder.open()";

  private static final String[] DRIVERS = {
    "dev.pinnace.internal.storage.(*)..", "dev.pinnace.internal.isolation.(*).."
  };

  @Test
  void layers_dependencies_pointDownwards() {
    for (int i = 0; i < LAYERS.size() - 1; i++) {
      String[] above =
          LAYERS.subList(i + 1, LAYERS.size()).stream()
              .flatMap(List::stream)
              .toArray(String[]::new);
      check(
          classes()
              .that()
              .resideInAnyPackage(LAYERS.get(i).toArray(String[]::new))
              .should(notDependOn(resideInAnyPackage(above), "the layers above it"))
              .because("layers are, lowest first, " + LAYERS));
    }
  }

  @Test
  void errors_dependencies_onlyTheJdk() {
    check(
        classes()
            .that()
            .resideInAPackage("dev.pinnace.error..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "dev.pinnace.error..", "org.jspecify.annotations.."));
  }

  @Test
  void packages_dependencies_haveNoCycles() {
    SliceAssignment byPackage =
        new SliceAssignment() {
          @Override
          public SliceIdentifier getIdentifierOf(JavaClass type) {
            return SliceIdentifier.of(type.getPackageName());
          }

          @Override
          public String getDescription() {
            return "packages";
          }
        };
    check(
        SlicesRuleDefinition.slices()
            .assignedFrom(byPackage)
            .should()
            .beFreeOfCycles()
            .ignoreDependency(
                DescribedPredicate.describe(
                    "the factory", type -> FACTORY.startsWith(type.getName() + ".")),
                resideInAPackage("dev.pinnace.internal..")));
  }

  @Test
  void exports_ofTheModule_areThePublicPackages() throws IOException {
    assertThat(exportedPackages())
        .allMatch(p -> p.matches("dev\\.pinnace(\\.(spec|event|error|oci|spi)(\\..*)?)?"));
  }

  @Test
  void exported_signatures_showJdkAndPinnaceTypesOnly() throws IOException {
    Set<String> exported = exportedPackages();
    check(classes().that(inOneOf(exported)).and().arePublic().should(showOnlyTypesOf(exported)));
  }

  @Test
  void exported_packages_useNoJackson() throws IOException {
    check(
        noClasses()
            .that(inOneOf(exportedPackages()))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.fasterxml.."));
  }

  @Test
  void drivers_dependencies_knowNothingAboveThem() {
    for (String driver : DRIVERS) {
      check(
          noClasses()
              .that()
              .resideInAPackage(driver.replace("(*)", "*"))
              .should()
              .dependOnClassesThat()
              .resideInAnyPackage(
                  "dev.pinnace",
                  "dev.pinnace.internal.image..",
                  "dev.pinnace.internal.container..",
                  "dev.pinnace.internal.engine..",
                  "dev.pinnace.internal.build.."));
    }
  }

  @Test
  void drivers_dependencies_knowNoOtherDriver() {
    for (String driver : DRIVERS) {
      check(SlicesRuleDefinition.slices().matching(driver).should().notDependOnEachOther());
    }
    check(
        noClasses()
            .that()
            .resideInAPackage("dev.pinnace.internal.storage..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.pinnace.internal.isolation.."));
    check(
        noClasses()
            .that()
            .resideInAPackage("dev.pinnace.internal.isolation..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.pinnace.internal.storage.."));
  }

  @Test
  void fileLocks_ofTheJdk_areNotUsed() {
    check(
        noClasses()
            .should()
            .callMethodWhere(
                JavaCall.Predicates.target(nameMatching("lock|tryLock").forSubtype())
                    .and(
                        JavaCall.Predicates.target(
                            AccessTarget.Predicates.declaredIn(
                                JavaClass.Predicates.assignableTo(FileChannel.class)
                                    .or(
                                        JavaClass.Predicates.assignableTo(
                                            AsynchronousFileChannel.class))))))
            .because("they are POSIX locks: closing any descriptor of the file drops them"));
  }

  @Test
  void standardStreams_ofTheJvm_areNotUsed() {
    check(noClasses().should().accessField(System.class, "out"));
    check(noClasses().should().accessField(System.class, "err"));
  }

  /** But for defects of a program: of a caller's listener, and of a handler of ours. */
  @Test
  void warnings_haveNoTraces() {
    check(
        noClasses()
            .that()
            .doNotHaveFullyQualifiedName("dev.pinnace.internal.image.pull.ProgressBoard")
            .and()
            .doNotHaveFullyQualifiedName(
                "dev.pinnace.internal.isolation.linux.supervisor.EventLoop")
            .should()
            .callMethod(Logger.class, "warn", String.class, Throwable.class)
            .because("a warning is a line for people: the cause goes to debug"));
  }

  @Test
  void objectMappers_areUsed_whereDocumentsAreMadeOnly() {
    check(
        noClasses()
            .that()
            .doNotHaveFullyQualifiedName("dev.pinnace.internal.image.json.ImageJsonWriter")
            .should()
            .dependOnClassesThat()
            .areAssignableTo(ObjectMapper.class)
            .because("a fresh JVM would set one up for longer than its first container takes"));
  }

  @Test
  void jna_isUsed_byLinuxNativesOnly() {
    check(noClasses().should().dependOnClassesThat().resideInAPackage("com.sun.jna.."));
  }

  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(CORE);
  }

  private static Set<String> exportedPackages() throws IOException {
    var source = PinnaceException.class.getProtectionDomain().getCodeSource().getLocation();
    try (InputStream in = new URL(source, "module-info.class").openStream()) {
      return ModuleDescriptor.read(in).exports().stream()
          .filter(export -> !export.isQualified())
          .map(ModuleDescriptor.Exports::source)
          .collect(Collectors.toUnmodifiableSet());
    }
  }

  private static DescribedPredicate<JavaClass> inOneOf(Set<String> packages) {
    return DescribedPredicate.describe(
        "are in an exported package", type -> packages.contains(type.getPackageName()));
  }

  private static ArchCondition<JavaClass> notDependOn(
      DescribedPredicate<JavaClass> forbidden, String description) {
    return new ArchCondition<>("not depend on " + description) {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
          if (forbidden.test(dependency.getTargetClass())
              && !dependency.getDescription().contains("<" + FACTORY + ">")) {
            events.add(SimpleConditionEvent.violated(type, dependency.getDescription()));
          }
        }
      }
    };
  }

  private static ArchCondition<JavaClass> showOnlyTypesOf(Set<String> exported) {
    return new ArchCondition<>("show only types of the JDK and of Pinnace") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        Stream<JavaType> supertypes =
            Stream.concat(type.getSuperclass().stream(), type.getInterfaces().stream());
        report(type, type.getName(), supertypes, events);
        type.getMembers().stream()
            .filter(ArchitectureTest::isVisible)
            .forEach(member -> report(type, member.getFullName(), typesOf(member), events));
      }

      private void report(
          JavaClass type, String where, Stream<JavaType> shown, ConditionEvents events) {
        shown
            .flatMap(t -> t.getAllInvolvedRawTypes().stream())
            .map(JavaClass::getBaseComponentType)
            .filter(t -> !t.isPrimitive() && !t.getPackageName().startsWith("java."))
            .filter(t -> !exported.contains(t.getPackageName()))
            .forEach(
                t ->
                    events.add(
                        SimpleConditionEvent.violated(type, where + " shows " + t.getName())));
      }
    };
  }

  private static boolean isVisible(JavaMember member) {
    return member.getModifiers().contains(JavaModifier.PUBLIC)
        || member.getModifiers().contains(JavaModifier.PROTECTED);
  }

  private static Stream<JavaType> typesOf(JavaMember member) {
    if (member instanceof JavaField field) {
      return Stream.of(field.getType());
    }
    JavaCodeUnit code = (JavaCodeUnit) member;
    return Stream.concat(
        Stream.of(code.getReturnType()),
        Stream.concat(code.getParameterTypes().stream(), code.getExceptionTypes().stream()));
  }
}
