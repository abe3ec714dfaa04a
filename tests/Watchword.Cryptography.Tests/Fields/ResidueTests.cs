using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Fields;

namespace Watchword.Cryptography.Tests.Fields;

public sealed class P256ElementTests
{
    [Fact]
    public void The_constants_follow_from_the_modulus() => ResidueLaws<UInt256, P256Prime>.Constants();

    [Fact]
    public void Operations_agree_with_integers() => ResidueLaws<UInt256, P256Prime>.Operations();

    [Fact]
    public void The_axioms_of_a_field_hold() => ResidueLaws<UInt256, P256Prime>.Axioms();

    [Fact]
    public void An_inverse_multiplies_to_one() => ResidueLaws<UInt256, P256Prime>.Inversion();

    [Fact]
    public void Many_are_inverted_at_once() => ResidueLaws<UInt256, P256Prime>.SharedInversion();

    [Fact]
    public void Results_may_overwrite_arguments() => ResidueLaws<UInt256, P256Prime>.Aliasing();

    [Fact]
    public void Only_integers_below_the_modulus_decode() => ResidueLaws<UInt256, P256Prime>.Decoding();

    [Fact]
    public void Octets_of_any_length_are_reduced() => ResidueLaws<UInt256, P256Prime>.LongOctets();

    [Fact]
    public void Conditional_assignment_and_clearing_do_just_that() => ResidueLaws<UInt256, P256Prime>.ConditionalAssignment();
}

public sealed class P256ScalarTests
{
    [Fact]
    public void The_constants_follow_from_the_modulus() => ResidueLaws<UInt256, P256Order>.Constants();

    [Fact]
    public void Operations_agree_with_integers() => ResidueLaws<UInt256, P256Order>.Operations();

    [Fact]
    public void The_axioms_of_a_field_hold() => ResidueLaws<UInt256, P256Order>.Axioms();

    [Fact]
    public void An_inverse_multiplies_to_one() => ResidueLaws<UInt256, P256Order>.Inversion();

    [Fact]
    public void Many_are_inverted_at_once() => ResidueLaws<UInt256, P256Order>.SharedInversion();

    [Fact]
    public void Results_may_overwrite_arguments() => ResidueLaws<UInt256, P256Order>.Aliasing();

    [Fact]
    public void Only_integers_below_the_modulus_decode() => ResidueLaws<UInt256, P256Order>.Decoding();

    [Fact]
    public void Octets_of_any_length_are_reduced() => ResidueLaws<UInt256, P256Order>.LongOctets();

    [Fact]
    public void Conditional_assignment_and_clearing_do_just_that() => ResidueLaws<UInt256, P256Order>.ConditionalAssignment();
}

public sealed class SakkeElementTests
{
    [Fact]
    public void The_constants_follow_from_the_modulus() => ResidueLaws<UInt1024, SakkePrime>.Constants();

    [Fact]
    public void Operations_agree_with_integers() => ResidueLaws<UInt1024, SakkePrime>.Operations();

    [Fact]
    public void The_axioms_of_a_field_hold() => ResidueLaws<UInt1024, SakkePrime>.Axioms();

    [Fact]
    public void An_inverse_multiplies_to_one() => ResidueLaws<UInt1024, SakkePrime>.Inversion();

    [Fact]
    public void Many_are_inverted_at_once() => ResidueLaws<UInt1024, SakkePrime>.SharedInversion();

    [Fact]
    public void Results_may_overwrite_arguments() => ResidueLaws<UInt1024, SakkePrime>.Aliasing();

    [Fact]
    public void Only_integers_below_the_modulus_decode() => ResidueLaws<UInt1024, SakkePrime>.Decoding();

    [Fact]
    public void Octets_of_any_length_are_reduced() => ResidueLaws<UInt1024, SakkePrime>.LongOctets();

    [Fact]
    public void Conditional_assignment_and_clearing_do_just_that() => ResidueLaws<UInt1024, SakkePrime>.ConditionalAssignment();
}

public sealed class SakkeScalarTests
{
    [Fact]
    public void The_constants_follow_from_the_modulus() => ResidueLaws<UInt1024, SakkeOrder>.Constants();

    [Fact]
    public void Operations_agree_with_integers() => ResidueLaws<UInt1024, SakkeOrder>.Operations();

    [Fact]
    public void The_axioms_of_a_field_hold() => ResidueLaws<UInt1024, SakkeOrder>.Axioms();

    [Fact]
    public void An_inverse_multiplies_to_one() => ResidueLaws<UInt1024, SakkeOrder>.Inversion();

    [Fact]
    public void Many_are_inverted_at_once() => ResidueLaws<UInt1024, SakkeOrder>.SharedInversion();

    [Fact]
    public void Results_may_overwrite_arguments() => ResidueLaws<UInt1024, SakkeOrder>.Aliasing();

    [Fact]
    public void Only_integers_below_the_modulus_decode() => ResidueLaws<UInt1024, SakkeOrder>.Decoding();

    [Fact]
    public void Octets_of_any_length_are_reduced() => ResidueLaws<UInt1024, SakkeOrder>.LongOctets();

    [Fact]
    public void Conditional_assignment_and_clearing_do_just_that() => ResidueLaws<UInt1024, SakkeOrder>.ConditionalAssignment();
}
