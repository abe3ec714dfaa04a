using System.Security.Cryptography;

namespace Watchword.Kms.Tests;

/// <summary>What every key-encryption key must do.</summary>
public abstract class KeyEncryptionKeyContract
{
    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The source of one key; every call gives the same.</summary>
    protected abstract Task<IKeyEncryptionKeySource> CreateSourceAsync();

    [Fact]
    public async Task What_it_wraps_it_unwraps_also_after_it_was_opened_again()
    {
        IKeyEncryptionKeySource source = await CreateSourceAsync();
        byte[] dataKey = RandomNumberGenerator.GetBytes(32);
        byte[] wrapped;
        KeyEncryptionKeyParameters parameters;
        using (IKeyEncryptionKey key = await source.OpenAsync(null, Token))
        {
            parameters = key.Parameters;
            parameters.Kind.ShouldBe(source.Kind);
            parameters.KeyId.ShouldNotBeNullOrEmpty();
            wrapped = key.Wrap(dataKey, "place"u8);
            key.Wrap(dataKey, "place"u8).Length.ShouldBe(wrapped.Length);
        }

        using IKeyEncryptionKey again = await source.OpenAsync(parameters, Token);
        again.Parameters.KeyId.ShouldBe(parameters.KeyId);
        byte[] unwrapped = new byte[32];
        again.Unwrap(wrapped, "place"u8, unwrapped);
        unwrapped.ShouldBe(dataKey);
    }

    [Fact]
    public async Task Another_place_a_changed_octet_and_a_cut_do_not_unwrap()
    {
        using IKeyEncryptionKey key = await (await CreateSourceAsync()).OpenAsync(null, Token);
        byte[] wrapped = key.Wrap(RandomNumberGenerator.GetBytes(32), "place"u8);
        Refuse(key, wrapped, "elsewhere"u8.ToArray());
        Refuse(key, wrapped, []);
        for (int at = 0; at < wrapped.Length; at++)
        {
            byte[] changed = [.. wrapped];
            changed[at] ^= 0x10;
            Refuse(key, changed, "place"u8.ToArray());
        }

        Refuse(key, wrapped[..^1], "place"u8.ToArray());
        Refuse(key, wrapped[..1], "place"u8.ToArray());
        Refuse(key, [], "place"u8.ToArray());
        Refuse(key, [.. wrapped, 0], "place"u8.ToArray());
    }

    [Fact]
    public async Task Only_data_keys_of_32_octets_are_wrapped()
    {
        using IKeyEncryptionKey key = await (await CreateSourceAsync()).OpenAsync(null, Token);
        Should.Throw<ArgumentOutOfRangeException>(() => key.Wrap(new byte[31], []));
        Should.Throw<ArgumentOutOfRangeException>(() => key.Unwrap(new byte[60], [], new byte[33]));
    }

    [Fact]
    public async Task Many_threads_may_use_it()
    {
        using IKeyEncryptionKey key = await (await CreateSourceAsync()).OpenAsync(null, Token);
        Parallel.For(0, 64, i =>
        {
            byte[] dataKey = [.. Enumerable.Repeat((byte)i, 32)];
            byte[] unwrapped = new byte[32];
            key.Unwrap(key.Wrap(dataKey, [(byte)i]), [(byte)i], unwrapped);
            unwrapped.ShouldBe(dataKey);
        });
    }

    private static void Refuse(IKeyEncryptionKey key, byte[] wrapped, byte[] place)
    {
        byte[] unwrapped = [.. Enumerable.Repeat((byte)1, 32)];
        Should.Throw<KmsException>(() => key.Unwrap(wrapped, place, unwrapped)).Error.ShouldBe(KmsError.CustodyNotOpened);
        unwrapped.ShouldAllBe(octet => octet == 0);
    }
}
