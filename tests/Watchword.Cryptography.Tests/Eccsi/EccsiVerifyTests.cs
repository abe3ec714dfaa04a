using System.Security.Cryptography;
using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Eccsi;

namespace Watchword.Cryptography.Tests.Eccsi;

/// <summary>Signatures one by one and in batches, of signers with a table and without.</summary>
public sealed class EccsiVerifyTests
{
    private static readonly EccsiMasterKey Master = EccsiMasterKey.Generate();

    /// <summary>Ways to spoil a signature, its message or its identity.</summary>
    private static readonly Func<EccsiSignedMessage, EccsiSignedMessage>[] Faults =
    [
        good => new EccsiSignedMessage(Changed(good.Identity, 0), good.Message, good.Signature),
        good => new EccsiSignedMessage(good.Identity.ToArray().Append((byte)0).ToArray(), good.Message, good.Signature),
        good => new EccsiSignedMessage(good.Identity, Changed(good.Message, 3), good.Signature),
        good => new EccsiSignedMessage(good.Identity, good.Message, Changed(good.Signature, 31)), // r
        good => new EccsiSignedMessage(good.Identity, good.Message, Changed(good.Signature, 63)), // s
        good => new EccsiSignedMessage(good.Identity, good.Message, Changed(good.Signature, 64)), // the form of PVT
        good => new EccsiSignedMessage(good.Identity, good.Message, Changed(good.Signature, 100)), // PVT off the curve
        good => new EccsiSignedMessage(good.Identity, good.Message, With(good.Signature, 0, new byte[32])), // r = 0
        good => new EccsiSignedMessage(good.Identity, good.Message, With(good.Signature, 32, new byte[32])), // s = 0
        good => new EccsiSignedMessage(good.Identity, good.Message, With(good.Signature, 0, Ones)), // r above p
        good => new EccsiSignedMessage(good.Identity, good.Message, With(good.Signature, 32, Ones)), // s above q
        good => new EccsiSignedMessage(good.Identity, good.Message, With(good.Signature, 64, P256.EncodedGenerator)), // PVT
        good => new EccsiSignedMessage(good.Identity, good.Message, good.Signature[..128]),
        good => new EccsiSignedMessage(good.Identity, good.Message, good.Signature.ToArray().Append((byte)0).ToArray()),
        good => new EccsiSignedMessage(good.Identity, good.Message, default),
    ];

    private static byte[] Ones => Convert.FromHexString(new string('F', 64));

    [Fact]
    public void A_verdict_is_the_same_before_and_after_the_signer_has_a_table()
    {
        using EccsiSigningKey key = Master.IssueSigningKey(RandomNumberGenerator.GetBytes(32));
        EccsiSignedMessage good = Sign(key);
        for (int use = 1; use <= 6; use++)
        {
            foreach (Func<EccsiSignedMessage, EccsiSignedMessage> fault in Faults)
            {
                Verify(fault(good)).ShouldBeFalse();
            }

            Verify(Sign(key, length: 100 * use)).ShouldBeTrue();
            HasTable(key).ShouldBe(use >= Precomputation.UsesBeforeTable);
        }

        using EccsiMasterKey other = EccsiMasterKey.Generate();
        other.PublicKey.Verify(good.Identity.Span, good.Message.Span, good.Signature.Span).ShouldBeFalse();
    }

    [Fact]
    public void Bad_signatures_earn_no_table()
    {
        using EccsiSigningKey key = Master.IssueSigningKey(RandomNumberGenerator.GetBytes(32));
        EccsiSignedMessage good = Sign(key);
        for (int i = 0; i < 10; i++)
        {
            Verify(Faults[2](good)).ShouldBeFalse();
        }

        HasTable(key).ShouldBeFalse();
    }

    [Fact]
    public void A_signer_whose_table_gives_way_gets_it_back_ever_more_rarely()
    {
        CacheKey key = new(RandomNumberGenerator.GetBytes(CacheKey.SizeInBytes));
        int first = Precomputation.UsesBeforeTable;
        Enumerable.Range(1, 8 * first).Where(_ => SignerTables.CountUse(key))
            .ShouldBe([first, 2 * first, 4 * first, 8 * first]);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    [InlineData(4, 1)]
    [InlineData(9, 1)]
    [InlineData(70, 1)]
    [InlineData(150, 2)]
    [InlineData(5, -1)]
    public void A_batch_gives_the_verdicts_of_the_single_form(int count, int degree)
    {
        using EccsiSigningKey known = Master.IssueSigningKey("known"u8);
        for (int i = 0; i < 4; i++)
        {
            Verify(Sign(known)).ShouldBeTrue();
        }

        EccsiSignedMessage[] messages = new EccsiSignedMessage[count];
        bool[] expected = new bool[count];
        for (int i = 0; i < count; i++)
        {
            using EccsiSigningKey fresh = Master.IssueSigningKey(RandomNumberGenerator.GetBytes(i % 40));
            messages[i] = Sign(i % 3 == 2 ? known : fresh, i * 7);
            messages[i] = i % 5 == 4 ? Faults[i / 5 % Faults.Length](Sign(fresh)) : messages[i];
            expected[i] = i % 5 != 4;
        }

        bool[] valid = new bool[count];
        Master.PublicKey.VerifyAll(messages, valid, degree).ShouldBe(!expected.Contains(false));
        valid.ShouldBe(expected);
        messages.Select(Verify).ShouldBe(expected);
    }

    [Fact]
    public void A_batch_names_the_bad_one_whatever_its_fault()
    {
        foreach (bool warm in (bool[])[false, true])
        {
            EccsiSignedMessage[] good = [.. Enumerable.Range(0, 6).Select(i => Fresh(warm ? 4 : 0))];
            bool[] valid = new bool[good.Length];
            Master.PublicKey.VerifyAll(good, valid).ShouldBeTrue();
            valid.ShouldAllBe(verdict => verdict);
            for (int i = 0; i < Faults.Length; i++)
            {
                EccsiSignedMessage[] spoiled = [.. good];
                int bad = i % good.Length;
                spoiled[bad] = Faults[i](good[bad]);
                Master.PublicKey.VerifyAll(spoiled, valid).ShouldBeFalse();
                valid.ShouldBe(Enumerable.Range(0, good.Length).Select(index => index != bad));
            }
        }
    }

    [Fact]
    public void Wrong_destinations_and_degrees_are_the_callers_fault()
    {
        Should.Throw<ArgumentException>(() => Master.PublicKey.VerifyAll(new EccsiSignedMessage[2], new bool[3]));
        Should.Throw<ArgumentOutOfRangeException>(() => Master.PublicKey.VerifyAll(new EccsiSignedMessage[2], new bool[2], 0));
        bool[] valid = [true, true];
        Master.PublicKey.VerifyAll(new EccsiSignedMessage[2], valid).ShouldBeFalse();
        valid.ShouldBe([false, false]);
    }

    [Fact]
    public void Threads_may_share_a_key()
    {
        using EccsiSigningKey key = Master.IssueSigningKey(RandomNumberGenerator.GetBytes(32));
        Parallel.For(0, 40, i =>
        {
            EccsiSignedMessage good = Sign(key, i);
            Verify(good).ShouldBeTrue();
            Verify(Faults[4](good)).ShouldBeFalse();
        });
    }

    private static EccsiSignedMessage Fresh(int uses)
    {
        using EccsiSigningKey key = Master.IssueSigningKey(RandomNumberGenerator.GetBytes(32));
        for (int i = 0; i < uses; i++)
        {
            Verify(Sign(key)).ShouldBeTrue();
        }

        return Sign(key);
    }

    private static EccsiSignedMessage Sign(EccsiSigningKey key, int length = 64)
    {
        byte[] message = RandomNumberGenerator.GetBytes(length);
        byte[] signature = new byte[EccsiSigningKey.SignatureSizeInBytes];
        key.Sign(message, signature);
        return new EccsiSignedMessage(key.Identity.ToArray(), message, signature);
    }

    private static bool Verify(EccsiSignedMessage message) =>
        Master.PublicKey.Verify(message.Identity.Span, message.Message.Span, message.Signature.Span);

    private static bool HasTable(EccsiSigningKey key)
    {
        byte[] pvt = new byte[EccsiSigningKey.PublicTokenSizeInBytes];
        byte[] hash = new byte[EccsiHash.SizeInBytes];
        key.ExportPublicToken(pvt);
        EccsiHash.IdentityHash(Master.PublicKey.Export(), key.Identity, pvt, hash);
        return SignerTables.Find(SignerTables.KeyOfSigner(hash)) is not null;
    }

    private static byte[] Changed(ReadOnlyMemory<byte> octets, int index)
    {
        byte[] changed = octets.ToArray();
        if (changed.Length == 0)
        {
            return [1];
        }

        changed[index % changed.Length] ^= 1;
        return changed;
    }

    private static byte[] With(ReadOnlyMemory<byte> octets, int index, ReadOnlySpan<byte> part)
    {
        byte[] changed = octets.ToArray();
        part.CopyTo(changed.AsSpan(index));
        return changed;
    }
}
