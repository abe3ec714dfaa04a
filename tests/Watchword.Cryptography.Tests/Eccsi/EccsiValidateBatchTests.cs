using System.Security.Cryptography;
using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Eccsi;

namespace Watchword.Cryptography.Tests.Eccsi;

public sealed class EccsiValidateBatchTests
{
    private static readonly EccsiMasterKey Master = EccsiMasterKey.Generate();
    private static readonly EccsiMasterKey OtherMaster = EccsiMasterKey.Generate();

    /// <summary>Keys that no import would let pass.</summary>
    private static readonly Func<EccsiSigningKey>[] Bad =
    [
        () => Key(ssk => ssk[31] ^= 1),
        () => Key(ssk => Array.Clear(ssk)), // 0
        () => Key(ssk => Array.Fill(ssk, (byte)0xFF)), // above q
        () => Key(pvt: pvt => pvt[40] ^= 1), // off the curve
        () => Key(pvt: pvt => pvt[0] = 2),
        () => Key(pvt: pvt => P256.EncodedGenerator.CopyTo(pvt)),
        () => Key(hash: hash => hash[0] ^= 1), // another identity
        () => Key(hash: hash => Array.Clear(hash)), // HS = 0
        () => Key(authority: OtherMaster.PublicKey),
    ];

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    [InlineData(5, 1)]
    [InlineData(64, 1)]
    [InlineData(65, 1)]
    [InlineData(140, 2)]
    [InlineData(7, -1)]
    public void Good_keys_of_several_authorities_are_valid(int count, int degree)
    {
        EccsiSigningKey[] keys = Good(count);
        bool[] valid = new bool[count];
        EccsiSigningKey.ValidateAll(keys, valid, degree).ShouldBeTrue();
        valid.ShouldAllBe(verdict => verdict);
    }

    [Fact]
    public void A_batch_names_the_bad_one_whatever_its_fault()
    {
        EccsiSigningKey[] good = Good(9);
        bool[] valid = new bool[good.Length];
        for (int i = 0; i < Bad.Length; i++)
        {
            EccsiSigningKey[] keys = [.. good];
            keys[i] = Bad[i]();
            keys[i].Validate().ShouldBeFalse();
            EccsiSigningKey.ValidateAll(keys, valid).ShouldBeFalse();
            valid.ShouldBe(Enumerable.Range(0, good.Length).Select(index => index != i));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(17)]
    [InlineData(66)]
    public void Every_bad_one_is_named(int bad)
    {
        EccsiSigningKey[] keys = Good(70);
        for (int i = 0; i < bad; i++)
        {
            keys[(i * 13) % keys.Length] = Bad[i % Bad.Length]();
        }

        bool[] valid = new bool[keys.Length];
        EccsiSigningKey.ValidateAll(keys, valid).ShouldBeFalse();
        valid.ShouldBe(keys.Select(key => key.Validate()));
        valid.Count(verdict => !verdict).ShouldBe(bad);
    }

    [Fact]
    public void Faults_that_cancel_each_other_are_found()
    {
        // SSK + 1 and SSK - 1: the plain sum of both would be right.
        P256Scalar one = P256Scalar.One;
        EccsiSigningKey[] keys =
        [
            .. Good(2),
            Key(ssk => (P256Scalar.FromReduced(ssk) + one).Encode(ssk)),
            Key(ssk => (P256Scalar.FromReduced(ssk) - one).Encode(ssk)),
        ];
        bool[] valid = new bool[4];
        EccsiSigningKey.ValidateAll(keys, valid).ShouldBeFalse();
        valid.ShouldBe([true, true, false, false]);
    }

    [Fact]
    public void Faults_that_cancel_each_other_after_division_by_HS_are_found()
    {
        // SSK + HS and SSK - HS: without random coefficients the sum of ([SSK]G - [HS]PVT - KPAK)/HS would be right.
        EccsiSigningKey[] keys = [.. Good(2), WithMultipleOfHash(false), WithMultipleOfHash(true)];
        bool[] valid = new bool[4];
        for (int round = 0; round < 5; round++)
        {
            EccsiSigningKey.ValidateAll(keys, valid).ShouldBeFalse();
            valid.ShouldBe([true, true, false, false]);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Null_is_the_callers_fault(int threads)
    {
        EccsiSigningKey[] keys = Good(3);
        keys[1] = null!;
        Should.Throw<ArgumentException>(() => EccsiSigningKey.ValidateAll(keys, new bool[3], threads)).ParamName.ShouldBe("keys");
    }

    [Fact]
    public void Wrong_destinations_and_disposed_keys_are_the_callers_fault()
    {
        EccsiSigningKey[] keys = Good(3);
        Should.Throw<ArgumentException>(() => EccsiSigningKey.ValidateAll(keys, new bool[2]));
        Should.Throw<ArgumentOutOfRangeException>(() => EccsiSigningKey.ValidateAll(keys, new bool[3], -2));
        keys[1].Dispose();
        Should.Throw<ObjectDisposedException>(() => EccsiSigningKey.ValidateAll(keys, new bool[3]));
    }

    private static EccsiSigningKey WithMultipleOfHash(bool negative)
    {
        byte[] identity = RandomNumberGenerator.GetBytes(20);
        byte[] secret = new byte[EccsiSigningKey.SecretSizeInBytes];
        byte[] token = new byte[EccsiSigningKey.PublicTokenSizeInBytes];
        byte[] hash = new byte[EccsiHash.SizeInBytes];
        Master.IssueSigningKey(identity, secret, token);
        EccsiHash.IdentityHash(Master.PublicKey.Export(), identity, token, hash);
        P256Scalar ssk = P256Scalar.FromReduced(secret);
        P256Scalar hs = P256Scalar.FromReduced(hash);
        (negative ? ssk - hs : ssk + hs).Encode(secret);
        return new EccsiSigningKey(Master.PublicKey, identity, new SecretOctets(secret), token, hash);
    }

    private static EccsiSigningKey[] Good(int count) =>
    [
        .. Enumerable.Range(0, count).Select(i =>
            (i % 3 == 1 ? OtherMaster : Master).IssueSigningKey(RandomNumberGenerator.GetBytes(i % 40))),
    ];

    private static EccsiSigningKey Key(
        Action<byte[]>? ssk = null, Action<byte[]>? pvt = null, Action<byte[]>? hash = null, EccsiPublicKey? authority = null)
    {
        byte[] identity = RandomNumberGenerator.GetBytes(20);
        byte[] secret = new byte[EccsiSigningKey.SecretSizeInBytes];
        byte[] token = new byte[EccsiSigningKey.PublicTokenSizeInBytes];
        byte[] identityHash = new byte[EccsiHash.SizeInBytes];
        authority ??= Master.PublicKey;
        Master.IssueSigningKey(identity, secret, token);
        ssk?.Invoke(secret);
        pvt?.Invoke(token);
        EccsiHash.IdentityHash(authority.Export(), identity, token, identityHash);
        hash?.Invoke(identityHash);
        return new EccsiSigningKey(authority, identity, new SecretOctets(secret), token, identityHash);
    }
}
