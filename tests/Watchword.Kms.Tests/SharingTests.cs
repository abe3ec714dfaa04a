using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace Watchword.Kms.Tests;

public sealed class SharingTests
{
    private static readonly Gen<(byte[] Secret, int Threshold, int Count)> Splits =
        from secret in Gen.Byte.Array[1, KeyShare.MaxSecretOctets]
        from count in Gen.Int[2, 7]
        from threshold in Gen.Int[2, count]
        select (secret, threshold, count);

    [Fact]
    public void The_field_is_that_of_the_advanced_encryption_standard()
    {
        // FIPS 197 4.2: {57} * {83} = {c1}, {57} * {13} = {fe}.
        ShamirField.Multiply(0x57, 0x83).ShouldBe((byte)0xC1);
        ShamirField.Multiply(0x57, 0x13).ShouldBe((byte)0xFE);
        for (int x = 0; x < 256; x++)
        {
            ShamirField.Multiply((byte)x, ShamirField.Invert((byte)x)).ShouldBe((byte)(x == 0 ? 0 : 1));
            for (int y = 0; y < 256; y++)
            {
                ShamirField.Multiply((byte)x, (byte)y).ShouldBe(Slow(x, y));
            }
        }
    }

    [Fact]
    public void One_share_of_two_is_uniform_whatever_the_secret_is()
    {
        // Exhaustive: over all coefficients, each value of a share occurs once, for every secret and every position.
        for (int secret = 0; secret < 256; secret += 51)
        {
            for (byte x = 1; x <= 3; x++)
            {
                Enumerable.Range(0, 256)
                    .Select(coefficient => ShamirScheme.Evaluate([(byte)secret, (byte)coefficient], x))
                    .Distinct().Count().ShouldBe(256);
            }
        }
    }

    [Fact]
    public void Two_shares_of_three_are_jointly_uniform_whatever_the_secret_is()
    {
        foreach (byte secret in new byte[] { 0, 1, 0xA5 })
        {
            bool[] seen = new bool[65536];
            for (int coefficients = 0; coefficients < 65536; coefficients++)
            {
                byte[] polynomial = [secret, (byte)coefficients, (byte)(coefficients >> 8)];
                int pair = (ShamirScheme.Evaluate(polynomial, 2) << 8) | ShamirScheme.Evaluate(polynomial, 5);
                seen[pair].ShouldBeFalse();
                seen[pair] = true;
            }
        }
    }

    [Fact]
    public void Every_subset_that_is_large_enough_gives_the_secret_and_no_smaller_one_does() => Splits.Sample(
        split =>
        {
            IReadOnlyList<KeyShare> shares = Split(split.Secret, split.Threshold, split.Count);
            for (int subset = 0; subset < 1 << split.Count; subset++)
            {
                KeyShare[] chosen = [.. shares.Where((_, i) => ((subset >> i) & 1) != 0)];
                if (BitOperations.PopCount((uint)subset) >= split.Threshold)
                {
                    using CustodySecret secret = KeyShare.Combine(chosen);
                    Octets(secret).ShouldBe(split.Secret);
                }
                else
                {
                    Error(() => KeyShare.Combine(chosen)).ShouldBe(KmsError.SharesMissing);
                }
            }
        },
        iter: 30);

    [Fact]
    public void Text_is_read_back_as_people_type_it() => Splits.Sample(
        split =>
        {
            foreach (KeyShare share in Split(split.Secret, split.Threshold, split.Count))
            {
                string text = Text(share, split.Count);
                foreach (string typed in new[]
                {
                    text,
                    text.ToLowerInvariant(),
                    text.Replace(" ", "  ").Replace("\n", "\r\n"),
                    text.Replace('0', 'o').Replace("1: ", "1:").Replace("o: ", "0: "),
                    string.Join('\n', text.Split('\n').Where(line => !line.StartsWith('#')).Select(line => line.Split(':')[^1])),
                })
                {
                    KeyShare read = ShareText.Parse(Encoding.ASCII.GetBytes(typed));
                    read.BelongsWith(share).ShouldBeTrue();
                    read.Index.ShouldBe(share.Index);
                    Text(read, split.Count).ShouldBe(text);
                }
            }
        },
        iter: 20);

    [Fact]
    public void A_slip_and_two_exchanged_symbols_are_found_in_their_line()
    {
        string[] lines = Text(Split(RandomNumberGenerator.GetBytes(32), 2, 3)[0], 3).TrimEnd('\n').Split('\n');
        (lines.Length - 1).ShouldBe(7);
        for (int line = 1; line < lines.Length; line++)
        {
            for (int at = 3; at < lines[line].Length; at++)
            {
                string original = lines[line];
                foreach (char other in "0123456789ABCDEFGHJKMNPQRSTVWXYZ".Where(c => original[at] != ' ' && c != original[at]))
                {
                    FaultOf(lines, line, original[..at] + other + original[(at + 1)..]).ShouldBe($"line {line}");
                }

                bool pair = at + 1 < original.Length && original[at] != ' ' && original[at + 1] != ' ';
                if (pair && original[at] != original[at + 1])
                {
                    FaultOf(lines, line, original[..at] + original[at + 1] + original[at] + original[(at + 2)..])
                        .ShouldBe($"line {line}");
                }
            }
        }

        (lines[1], lines[2]) = ("1" + lines[2][1..], "2" + lines[1][1..]);
        FaultOf(lines, 1, lines[1]).ShouldBe("line 1");
    }

    [Theory]
    [InlineData("")]
    [InlineData("1: AAAAA")]
    [InlineData("# only a comment\n")]
    [InlineData("2: 00000 00000 00000 00000 00")]
    [InlineData("x: 00000")]
    [InlineData("00000 00000 00000 00000 00000 00000")]
    public void What_is_no_share_is_refused(string text) =>
        Error(() => ShareText.Parse(Encoding.ASCII.GetBytes(text))).ShouldBe(KmsError.ShareMalformed);

    [Fact]
    public void Random_octets_are_never_anything_but_a_share_or_refused() => Gen.Byte.Array[0, 400].Sample(octets =>
    {
        try
        {
            ShareText.Parse(octets).Dispose();
        }
        catch (KmsException fault)
        {
            fault.Error.ShouldBe(KmsError.ShareMalformed);
        }
    });

    [Fact]
    public void A_wrong_set_never_gives_a_key()
    {
        byte[] secret = RandomNumberGenerator.GetBytes(32);
        IReadOnlyList<KeyShare> shares = Split(secret, 3, 5);
        IReadOnlyList<KeyShare> others = Split(secret, 3, 5);
        Error(() => KeyShare.Combine([shares[0], shares[1], others[2]])).ShouldBe(KmsError.ShareOfAnotherSet);
        Error(() => KeyShare.Combine([shares[0], shares[1], shares[1]])).ShouldBe(KmsError.ShareOfAnotherSet);

        // A holder who alters the octets of his share and mends the check symbols.
        Span<byte> encoded = stackalloc byte[KeyShare.EncodedOctets];
        shares[2].Encode(encoded);
        for (int at = KeyShare.EncodedOctets - KeyShare.SplitOctets; at < KeyShare.EncodedOctets; at += 7)
        {
            encoded[at] ^= 1;
            KeyShare forged = KeyShare.Decode(encoded)!;
            Error(() => KeyShare.Combine([shares[0], shares[1], forged])).ShouldBe(KmsError.SharesDoNotCombine);
            encoded[at] ^= 1;
        }
    }

    [Fact]
    public void A_share_does_not_confirm_a_guess_of_a_short_secret()
    {
        // The check value covers 16 random octets: the same PIN has another one every time.
        Span<byte> first = stackalloc byte[KeyShare.EncodedOctets];
        Span<byte> second = stackalloc byte[KeyShare.EncodedOctets];
        Split("1234"u8.ToArray(), 2, 2)[0].Encode(first);
        Split("1234"u8.ToArray(), 2, 2)[0].Encode(second);
        int at = 2 + KeyShare.SetIdOctets + 2;
        first.Slice(at, KeyShare.CheckOctets).SequenceEqual(second.Slice(at, KeyShare.CheckOctets)).ShouldBeFalse();
        first.Length.ShouldBe(second.Length);
    }

    [Theory]
    [InlineData(1, 3, 32)]
    [InlineData(4, 3, 32)]
    [InlineData(2, 33, 32)]
    [InlineData(2, 3, 0)]
    [InlineData(2, 3, 33)]
    public void Splits_out_of_bounds_are_refused(int threshold, int count, int octets) =>
        Error(() => Split(new byte[octets], threshold, count)).ShouldBe(KmsError.ShareParametersInvalid);

    [Fact]
    public void The_largest_split_works()
    {
        byte[] secret = RandomNumberGenerator.GetBytes(32);
        using CustodySecret combined = KeyShare.Combine(Split(secret, 32, 32));
        Octets(combined).ShouldBe(secret);
    }

    internal static IReadOnlyList<KeyShare> Split(
        byte[] secret, int threshold, int count, ShareKind kind = ShareKind.KeyEncryptionKey)
    {
        using CustodySecret of = new(secret);
        return KeyShare.Split(kind, of, threshold, count);
    }

    internal static byte[] Octets(CustodySecret secret)
    {
        byte[] octets = new byte[secret.Length];
        secret.Export(octets);
        return octets;
    }

    private static string Text(KeyShare share, int count)
    {
        byte[] text = new byte[ShareText.MaxOctets];
        return Encoding.ASCII.GetString(text, 0, ShareText.Write(share, count, text));
    }

    private static string? FaultOf(string[] lines, int line, string changed)
    {
        string[] typed = [.. lines];
        typed[line] = changed;
        KmsException fault = Should.Throw<KmsException>(() => ShareText.Parse(Encoding.ASCII.GetBytes(string.Join('\n', typed))));
        fault.Error.ShouldBe(KmsError.ShareMalformed);
        return fault.Detail;
    }

    private static KmsError Error(Func<object> act) => Should.Throw<KmsException>(act).Error;

    private static byte Slow(int left, int right)
    {
        int product = 0;
        for (int bit = 0; bit < 8; bit++)
        {
            product ^= ((right >> bit) & 1) * (left << bit);
        }

        for (int bit = 14; bit >= 8; bit--)
        {
            product ^= ((product >> bit) & 1) * (0x11B << (bit - 8));
        }

        return (byte)product;
    }
}

public sealed class UnsealSessionTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly List<UnsealEvent> _events = [];
    private readonly UnsealSession _session;
    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);
    private readonly IReadOnlyList<KeyShare> _shares;

    public UnsealSessionTests()
    {
        _session = new UnsealSession(ShareKind.KeyEncryptionKey, _time, _events.Add);
        _shares = SharingTests.Split(_secret, 3, 5);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _session.Dispose();

    [Fact]
    public async Task It_tells_how_many_are_missing_and_opens_when_none_is()
    {
        Task<CustodySecret> waiting = _session.OpenAsync(Token);
        _session.Status.Missing.ShouldBeNull();
        _session.Add(_shares[4], "alice").Missing.ShouldBe(2);
        _session.Add(_shares[0], "bob").Missing.ShouldBe(1);
        waiting.IsCompleted.ShouldBeFalse();
        UnsealStatus last = _session.Add(_shares[2], "carol");
        last.IsUnsealed.ShouldBeTrue();
        last.Missing.ShouldBe(0);
        using CustodySecret secret = await waiting;
        SharingTests.Octets(secret).ShouldBe(_secret);
        using CustodySecret again = await _session.OpenAsync(Token);
        SharingTests.Octets(again).ShouldBe(_secret);
        _events.Select(e => (e.By, e.Error)).ShouldBe(
            [("alice", KmsError.None), ("bob", KmsError.None), ("carol", KmsError.None)]);
    }

    [Fact]
    public void Shares_of_other_sets_and_kinds_and_repeated_ones_are_refused_and_change_nothing()
    {
        _session.Add(_shares[0], "a");
        foreach (KeyShare wrong in new[]
        {
            SharingTests.Split(_secret, 3, 5)[1],
            SharingTests.Split(_secret, 3, 5, ShareKind.RecoveryKey)[1],
            Copy(_shares[0]),
        })
        {
            Error(wrong).ShouldBe(KmsError.ShareOfAnotherSet);
        }

        _session.Status.Given.ShouldBe(1);
        _session.Reset();
        _session.Status.Given.ShouldBe(0);
        _session.Add(SharingTests.Split(_secret, 3, 5)[1], "a").Given.ShouldBe(1);
    }

    [Fact]
    public void Altered_shares_drop_the_whole_set_and_bring_a_pause_that_doubles()
    {
        for (int failure = 0; failure < 3; failure++)
        {
            _session.Add(Copy(_shares[0]), "a");
            _session.Add(Copy(_shares[1]), "b");
            Error(Forged(_shares[2])).ShouldBe(KmsError.SharesDoNotCombine);
            _session.Status.ShouldBe(new UnsealStatus(false, null, 0, null));
            TimeSpan pause = UnsealSession.PauseAfterFailure * (1 << failure);
            _time.Advance(pause - TimeSpan.FromMilliseconds(1));
            Error(Copy(_shares[0])).ShouldBe(KmsError.UnsealTooOften);
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        _session.Add(_shares[0], "a");
        _session.Add(_shares[1], "b");
        _session.Add(_shares[2], "c").IsUnsealed.ShouldBeTrue();
    }

    [Fact]
    public void Shares_come_no_faster_than_the_limit()
    {
        _session.Add(_shares[0], "a");
        for (int i = 1; i < UnsealSession.Burst; i++)
        {
            Error(Copy(_shares[0])).ShouldBe(KmsError.ShareOfAnotherSet);
        }

        Error(Copy(_shares[1])).ShouldBe(KmsError.UnsealTooOften);
        _time.Advance(UnsealSession.Spacing);
        _session.Add(_shares[1], "b").Missing.ShouldBe(1);
    }

    [Fact]
    public void An_incomplete_set_is_forgotten_after_an_hour()
    {
        _session.Add(_shares[0], "a");
        _session.Add(_shares[1], "b");
        _time.Advance(UnsealSession.Patience + TimeSpan.FromSeconds(1));
        _session.Add(_shares[2], "c").Missing.ShouldBe(2);
    }

    [Fact]
    public void What_cannot_be_audited_does_not_unseal()
    {
        bool works = true;
        void Audit(UnsealEvent what)
        {
            if (!works)
            {
                throw new KmsException(KmsError.StoreUnavailable, what.By);
            }
        }

        using UnsealSession session = new(ShareKind.KeyEncryptionKey, _time, Audit);
        session.Add(_shares[0], "a");
        session.Add(_shares[1], "b");
        works = false;
        Should.Throw<KmsException>(() => session.Add(_shares[2], "c")).Error.ShouldBe(KmsError.StoreUnavailable);
        session.Status.IsUnsealed.ShouldBeFalse();
        session.OpenAsync(Token).IsCompleted.ShouldBeFalse();
    }

    private KmsError Error(KeyShare share) => Should.Throw<KmsException>(() => _session.Add(share, "x")).Error;

    private static KeyShare Copy(KeyShare share)
    {
        Span<byte> encoded = stackalloc byte[KeyShare.EncodedOctets];
        share.Encode(encoded);
        return KeyShare.Decode(encoded)!;
    }

    private static KeyShare Forged(KeyShare share)
    {
        Span<byte> encoded = stackalloc byte[KeyShare.EncodedOctets];
        share.Encode(encoded);
        encoded[^1] ^= 1;
        return KeyShare.Decode(encoded)!;
    }
}
