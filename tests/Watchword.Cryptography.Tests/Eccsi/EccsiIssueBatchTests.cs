using System.Numerics;
using System.Security.Cryptography;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Fields;
using Watchword.Cryptography.Tests.Fields;

namespace Watchword.Cryptography.Tests.Eccsi;

public sealed class EccsiIssueBatchTests
{
    private static readonly BigInteger Order = ResidueLaws<UInt256, P256Order>.Modulus;

    private const int SskSize = EccsiSigningKey.SecretSizeInBytes;
    private const int PvtSize = EccsiSigningKey.PublicTokenSizeInBytes;

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(7, 1)]
    [InlineData(8, 1)]
    [InlineData(64, 1)]
    [InlineData(65, 1)]
    [InlineData(150, 1)]
    [InlineData(200, 2)]
    [InlineData(3, -1)]
    public void Derived_keys_are_those_of_the_single_form(int count, int degree)
    {
        using EccsiMasterKey master = EccsiMasterKey.Generate();
        using EccsiDerivationKey derivation = EccsiDerivationKey.Generate();
        ReadOnlyMemory<byte>[] identities = Identities(count);
        byte[] ssks = new byte[count * SskSize];
        byte[] pvts = new byte[count * PvtSize];
        master.IssueSigningKeys(identities, derivation, ssks, pvts, degree);
        byte[] ssk = new byte[SskSize];
        byte[] pvt = new byte[PvtSize];
        for (int i = 0; i < count; i++)
        {
            master.IssueSigningKey(identities[i].Span, derivation, ssk, pvt);
            ssks.AsSpan(i * SskSize, SskSize).SequenceEqual(ssk).ShouldBeTrue();
            pvts.AsSpan(i * PvtSize, PvtSize).SequenceEqual(pvt).ShouldBeTrue();
            using EccsiSigningKey key = master.IssueSigningKey(identities[i].Span, derivation);
            key.ExportSecret(ssk);
            ssks.AsSpan(i * SskSize, SskSize).SequenceEqual(ssk).ShouldBeTrue();
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(70)]
    public void Objects_with_derived_keys_are_valid_and_those_of_the_single_form(int count)
    {
        using EccsiMasterKey master = EccsiMasterKey.Generate();
        using EccsiDerivationKey derivation = EccsiDerivationKey.Generate();
        ReadOnlyMemory<byte>[] identities = Identities(count);
        EccsiSigningKey[] keys = master.IssueSigningKeys(identities, derivation);
        keys.Length.ShouldBe(count);
        byte[] expected = new byte[SskSize];
        byte[] ssk = new byte[SskSize];
        for (int i = 0; i < count; i++)
        {
            using EccsiSigningKey single = master.IssueSigningKey(identities[i].Span, derivation);
            single.ExportSecret(expected);
            keys[i].ExportSecret(ssk);
            ssk.ShouldBe(expected);
            keys[i].Validate().ShouldBeTrue();
            keys[i].Identity.SequenceEqual(identities[i].Span).ShouldBeTrue();
            keys[i].Dispose();
        }
    }

    [Theory]
    [InlineData(5)]
    [InlineData(130)]
    public void Random_keys_are_valid_and_never_the_same(int count)
    {
        using EccsiMasterKey master = EccsiMasterKey.Generate();
        ReadOnlyMemory<byte>[] identities = Identities(count);
        byte[] ssks = new byte[count * SskSize];
        byte[] pvts = new byte[count * PvtSize];
        master.IssueSigningKeys(identities, ssks, pvts);
        HashSet<string> tokens = [];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> pvt = pvts.AsSpan(i * PvtSize, PvtSize);
            tokens.Add(Convert.ToHexString(pvt)).ShouldBeTrue();
            ReadOnlySpan<byte> ssk = ssks.AsSpan(i * SskSize, SskSize);
            EccsiSigningKey.TryImport(master.PublicKey, identities[i].Span, ssk, pvt, out EccsiSigningKey? key).ShouldBeTrue();
            key!.Dispose();
        }
    }

    [Fact]
    public void Exceptional_sums_are_seen()
    {
        // With u = q mod 2^130 the lower lanes of 2u or of its negative add up to -u and the upper ones to the same; those of 0
        // to opposite points.
        BigInteger u = Order % (BigInteger.One << 130);
        P256AffinePoint[] products = new P256AffinePoint[9];
        P256Scalar[] scalars = [.. Enumerable.Range(2, 9).Select(i => P256Scalar.FromOctets([(byte)i]).Invert())];
        foreach (BigInteger scalar in (BigInteger[])[2 * u, Order - (2 * u), 0])
        {
            scalars[4] = P256Scalar.FromOctets(scalar.ToOctets(32));
            P256Batch.TryMultiplyGenerator(scalars, products).ShouldBeFalse();
        }

        scalars[4] = P256Scalar.FromOctets([3]).Invert();
        P256Batch.TryMultiplyGenerator(scalars, products).ShouldBeTrue();
        for (int i = 0; i < scalars.Length; i++)
        {
            P256Point expected = P256.MultiplyGenerator(scalars[i]);
            P256Point actual = new() { X = products[i].X, Y = products[i].Y, Z = P256Element.One };
            P256Point.AreEqual(actual, expected).Reveal().ShouldBeTrue();
        }
    }

    [Fact]
    public void Wrong_destinations_and_degrees_are_the_callers_fault()
    {
        using EccsiMasterKey master = EccsiMasterKey.Generate();
        ReadOnlyMemory<byte>[] identities = Identities(2);
        Should.Throw<ArgumentException>(() => master.IssueSigningKeys(identities, new byte[63], new byte[130]));
        Should.Throw<ArgumentException>(() => master.IssueSigningKeys(identities, new byte[64], new byte[131]));
        Should.Throw<ArgumentException>(() => master.IssueSigningKey(identities[0].Span, new byte[31], new byte[65]));
        Should.Throw<ArgumentException>(() => master.IssueSigningKey(identities[0].Span, new byte[32], new byte[64]));
        Should.Throw<ArgumentOutOfRangeException>(() => master.IssueSigningKeys(identities, new byte[64], new byte[130], 0));
        Should.Throw<ArgumentNullException>(() => master.IssueSigningKeys(identities, null!, new byte[64], new byte[130]));
        master.Dispose();
        byte[] ssks = new byte[64];
        Should.Throw<ObjectDisposedException>(() => master.IssueSigningKeys(identities, ssks, new byte[130]));
        ssks.ShouldAllBe(octet => octet == 0);
    }

    private static ReadOnlyMemory<byte>[] Identities(int count) =>
        [.. Enumerable.Range(0, count).Select(i => (ReadOnlyMemory<byte>)RandomNumberGenerator.GetBytes(i % 50))];
}
