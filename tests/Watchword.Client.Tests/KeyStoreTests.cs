using System.Buffers.Binary;
using Watchword.Client.Tests.Support;
using Watchword.Identity;
using Watchword.KeyManagement;
using static Watchword.Client.Tests.Support.TestProfile;

namespace Watchword.Client.Tests;

public sealed class KeyStoreTests : IDisposable
{
    private readonly TestProfile _profile = new();

    private static readonly KeyStoreOptions Impatient = new() { LockTimeout = TimeSpan.Zero };

    public void Dispose() => _profile.Dispose();

    [Fact]
    public async Task Everything_comes_back_after_the_process_ends()
    {
        long period;
        using (KeyStore store = await _profile.OpenAsync())
        {
            _ = await _profile.LogInToStoreAsync(store);
            period = Fill(store, TestIdm.McpttId, 0);
        }

        using KeyStore again = await _profile.OpenAsync();
        again.Identity!.For(McService.Mcptt).ShouldBe(TestIdm.McpttId);
        again.Tokens!.GrantedScopes.ShouldContain(McScopes.OpenId);
        again.KmsUri.ShouldBe("kms.lab.example");
        KeySetInfo info = again.KeySets.ShouldHaveSingleItem();
        info.Period.Number.ShouldBe(period);
        again.Verify().ShouldHaveSingleItem().Fault.ShouldBe(KeySetFault.None);
    }

    [Fact]
    public async Task No_secret_and_no_identity_is_on_the_disk_in_clear()
    {
        using (KeyStore store = await _profile.OpenAsync())
        {
            _ = await _profile.LogInToStoreAsync(store);
            _ = Fill(store, TestIdm.McpttId, 0);
        }

        string all = string.Concat(Directory.EnumerateFiles(_profile.StoreDirectory).Select(f => System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(f))));
        all.ShouldNotContain("refresh-");
        all.ShouldNotContain("dispatcher");
        all.ShouldNotContain("lab.example");
    }

    [Fact]
    public async Task Directory_and_file_are_the_owners_alone()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("There are no file modes.");
            return;
        }

        using KeyStore store = await _profile.OpenAsync();

        File.GetUnixFileMode(_profile.StoreDirectory).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.GetUnixFileMode(_profile.StoreFile).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task A_passphrase_opens_and_another_does_not()
    {
        using KeyStoreUnlock right = KeyStoreUnlock.FromPassphrase("correct horse");
        using KeyStoreUnlock wrong = KeyStoreUnlock.FromPassphrase("correct house");
        (await KeyStore.CreateAsync(_profile.StoreDirectory, right, _profile.Time)).Dispose();

        (await KeyStore.OpenAsync(_profile.StoreDirectory, right, _profile.Time)).Dispose();
        await ShouldFailAsync(ClientFault.StoreLocked, () => KeyStore.OpenAsync(_profile.StoreDirectory, wrong, _profile.Time));
        await ShouldFailAsync(ClientFault.StoreLocked, () => KeyStore.OpenAsync(_profile.StoreDirectory, _profile.Unlock, _profile.Time));
        BinaryPrimitives.ReadInt32BigEndian(File.ReadAllBytes(_profile.StoreFile).AsSpan(6)).ShouldBe(600_000);
    }

    [Fact]
    public async Task Any_changed_octet_gives_one_clear_error_and_nothing_of_the_content()
    {
        (await _profile.OpenAsync()).Dispose();
        byte[] good = File.ReadAllBytes(_profile.StoreFile);
        for (int i = 0; i < good.Length; i++)
        {
            byte[] bad = [.. good];
            bad[i] ^= 0x10;
            await ShouldNotOpenAsync(bad, $"octet {i}");
        }
    }

    [Fact]
    public async Task Any_truncation_and_anything_appended_gives_one_clear_error()
    {
        (await _profile.OpenAsync()).Dispose();
        byte[] good = File.ReadAllBytes(_profile.StoreFile);
        for (int length = 0; length < good.Length; length++)
        {
            await ShouldNotOpenAsync(good[..length], $"length {length}");
        }

        await ShouldNotOpenAsync([.. good, 0], "appended");
    }

    [Fact]
    public async Task A_passphrase_store_with_few_iterations_is_not_tried()
    {
        using KeyStoreUnlock unlock = KeyStoreUnlock.FromPassphrase("correct horse");
        (await KeyStore.CreateAsync(_profile.StoreDirectory, unlock, _profile.Time, new KeyStoreOptions { PassphraseIterations = 1 })).Dispose();
        byte[] file = File.ReadAllBytes(_profile.StoreFile);
        BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(6)).ShouldBe(600_000);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(6), 1000);
        File.WriteAllBytes(_profile.StoreFile, file);

        await ShouldFailAsync(ClientFault.StoreCorrupt, () => KeyStore.OpenAsync(_profile.StoreDirectory, unlock, _profile.Time));
    }

    [Fact]
    public async Task A_later_version_says_so()
    {
        (await _profile.OpenAsync()).Dispose();
        byte[] file = File.ReadAllBytes(_profile.StoreFile);
        file[4] = 2;
        File.WriteAllBytes(_profile.StoreFile, file);

        await ShouldFailAsync(ClientFault.StoreVersionUnknown, () => _profile.OpenAsync());
    }

    [Fact]
    public async Task A_store_of_the_first_version_opens_and_one_of_a_version_to_come_says_so()
    {
        long period;
        using (KeyStore store = await _profile.OpenAsync())
        {
            _ = await _profile.LogInToStoreAsync(store);
            period = Fill(store, TestIdm.McpttId, 0);
        }

        // The second version added a list with one number, six empty ones and a number, the third a number and an empty list.
        RewriteContent(1, content => content[..^88]);
        using (KeyStore again = await _profile.OpenAsync())
        {
            again.KeySets.ShouldHaveSingleItem().Period.Number.ShouldBe(period);
            again.Verify().ShouldHaveSingleItem().Fault.ShouldBe(KeySetFault.None);
            again.PartnerCacheNumber.ShouldBeNull();
            again.KeepPlan(new RenewalPlan("a plan", _profile.Time.GetUtcNow(), _profile.Time.GetUtcNow()));
        }

        (await _profile.OpenAsync()).Dispose();
        RewriteContent(4, content => content);
        await ShouldFailAsync(ClientFault.StoreVersionUnknown, () => _profile.OpenAsync());
        RewriteContent(0, content => content);
        await ShouldFailAsync(ClientFault.StoreCorrupt, () => _profile.OpenAsync());
    }

    [Fact]
    public async Task Two_holders_at_once_are_refused()
    {
        using KeyStore store = await _profile.OpenAsync();

        await ShouldFailAsync(ClientFault.StoreInUse, () => _profile.OpenAsync(Impatient));
    }

    [Fact]
    public async Task Making_over_an_existing_store_and_opening_none_are_refused()
    {
        await ShouldFailAsync(ClientFault.StoreNotFound, () => KeyStore.OpenAsync(_profile.StoreDirectory, _profile.Unlock, _profile.Time));
        KeyStore.Exists(_profile.StoreDirectory).ShouldBeFalse();
        (await _profile.OpenAsync()).Dispose();

        KeyStore.Exists(_profile.StoreDirectory).ShouldBeTrue();
        await ShouldFailAsync(ClientFault.StoreExists, () => KeyStore.CreateAsync(_profile.StoreDirectory, _profile.Unlock, _profile.Time));
    }

    [Fact]
    public async Task A_left_over_of_a_crashed_writer_is_cleared_and_the_store_is_as_it_was()
    {
        (await _profile.OpenAsync()).Dispose();
        string leftover = _profile.StoreFile + ".0123.tmp";
        File.WriteAllBytes(leftover, [1, 2, 3]);

        (await _profile.OpenAsync()).Dispose();

        File.Exists(leftover).ShouldBeFalse();
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.GroupWrite)]
    public void A_key_file_that_others_can_touch_is_refused(UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("There are no file modes.");
            return;
        }

        string path = Path.Combine(_profile.Directory, "unlock.key");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | mode);

        ShouldFail(ClientFault.KeyFileExposed, () => KeyStoreUnlock.FromKeyFile(path));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(100)]
    public void A_key_file_has_exactly_32_octets(int length)
    {
        string path = Path.Combine(_profile.Directory, "other.key");
        File.WriteAllBytes(path, new byte[length]);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        ShouldFail(ClientFault.KeyFileUnusable, () => KeyStoreUnlock.FromKeyFile(path));
        ShouldFail(ClientFault.KeyFileUnusable, () => KeyStoreUnlock.CreateKeyFile(path));
    }

    [Fact]
    public async Task Key_sets_are_wiped_when_their_history_ends_and_the_newest_usable_one_never()
    {
        using KeyStore store = await _profile.OpenAsync(new KeyStoreOptions { HistoryPeriods = 1 });
        _ = await _profile.LogInToStoreAsync(store);
        long first = Fill(store, TestIdm.McpttId, 0);
        _ = Fill(store, TestIdm.McVideoId, 0);
        _ = Fill(store, TestIdm.McpttId, 1);

        _profile.Time.Advance(TimeSpan.FromDays(30));
        store.WipeEnded().ShouldBe(0);
        _profile.Time.Advance(TimeSpan.FromDays(30));
        store.WipeEnded().ShouldBe(1);
        store.KeySets.Where(k => k.UserUri == TestIdm.McpttId).Select(k => k.Period.Number).ShouldBe([first + 1]);
        store.KeySets.Where(k => k.UserUri == TestIdm.McVideoId).Select(k => k.Period.Number).ShouldBe([first]);
        _profile.Time.Advance(TimeSpan.FromDays(300));
        store.WipeEnded().ShouldBe(0);
        store.KeySets.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Opening_a_store_wipes_what_has_ended()
    {
        KeyStoreOptions options = new() { HistoryPeriods = 1 };
        long first;
        using (KeyStore store = await _profile.OpenAsync(options))
        {
            _ = await _profile.LogInToStoreAsync(store);
            first = Fill(store, TestIdm.McpttId, 0);
            _ = Fill(store, TestIdm.McpttId, 1);
        }

        _profile.Time.Advance(TimeSpan.FromDays(60));
        using KeyStore again = await _profile.OpenAsync(options);
        again.KeySets.Select(k => k.Period.Number).ShouldBe([first + 1]);
    }

    [Fact]
    public async Task A_key_set_for_a_period_to_come_does_not_displace_the_last_that_has_begun()
    {
        using KeyStore store = await _profile.OpenAsync(new KeyStoreOptions { HistoryPeriods = 0 });
        _ = await _profile.LogInToStoreAsync(store);
        _ = Fill(store, TestIdm.McpttId, 0);
        _profile.Time.Advance(TimeSpan.FromDays(60));

        _ = Fill(store, TestIdm.McpttId, 1);

        store.KeySets.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Keys_come_out_only_into_destinations_of_their_size()
    {
        using KeyStore store = await _profile.OpenAsync();
        _ = await _profile.LogInToStoreAsync(store);
        _ = Fill(store, TestIdm.McpttId, 0);
        KeySetInfo info = store.KeySets[0];
        byte[] ssk = new byte[32], pvt = new byte[65], rsk = new byte[257];

        store.ExportKeys(info, ssk, pvt, rsk);

        pvt[0].ShouldBe((byte)4);
        rsk[0].ShouldBe((byte)4);
        ssk.ShouldContain(o => o != 0);
        Should.Throw<ArgumentException>(() => store.ExportKeys(info, new byte[31], pvt, rsk));
        Should.Throw<ArgumentException>(() => store.ExportKeys(info, ssk, pvt, new byte[258]));
    }

    /// <summary>Stores a key set for the period that is <paramref name="ahead"/> of the clock's, and says its number.</summary>
    private long Fill(KeyStore store, string userUri, int ahead)
    {
        if (store.Root is null)
        {
            _ = store.KeepRootCertificate(TestDomain.Home.Certificate);
        }

        KeyPeriod period = TestDomain.Home.Certificate.Schedule.FromNumber(TestDomain.Home.Certificate.PeriodAt(_profile.Time.GetUtcNow()).Number + ahead);
        using KmsKeySet keySet = TestDomain.Home.Issue(userUri, period.Number);
        store.KeepKeySets([StoredKeySet.From(keySet, period, store.Root!, _profile.Time.GetUtcNow())]);
        return period.Number;
    }

    private void RewriteContent(long version, Func<byte[], byte[]> change)
    {
        (StoreContainer container, PinnedSecret content) = StoreContainer.Open(File.ReadAllBytes(_profile.StoreFile), _profile.Unlock);
        using (container)
        using (content)
        {
            byte[] changed = change(content.Span.ToArray());
            BinaryPrimitives.WriteInt64BigEndian(changed, version);
            File.WriteAllBytes(_profile.StoreFile, container.Seal(changed));
        }
    }

    private async Task ShouldNotOpenAsync(byte[] file, string what)
    {
        File.WriteAllBytes(_profile.StoreFile, file);
        WatchwordClientException e = await Should.ThrowAsync<WatchwordClientException>(() => _profile.OpenAsync());
        e.Fault.ShouldBeOneOf([ClientFault.StoreCorrupt, ClientFault.StoreLocked, ClientFault.StoreVersionUnknown], what);
    }
}
