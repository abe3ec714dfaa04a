using System.Security.Cryptography;
using Watchword.Cryptography;

namespace Watchword.Kms.Tests;

public sealed class KeyBatcherTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(1, 40, 3)]
    [InlineData(2, 90, 2)]
    [InlineData(8, 30, 5)]
    public async Task Requests_that_wait_together_each_get_the_keys_of_their_own_uids(int workers, int requests, int uids)
    {
        using MasterSecrets first = MasterSecrets.Generate();
        using MasterSecrets second = MasterSecrets.Generate();
        KeyBatcher batcher = new(workers);
        await Task.WhenAll(Enumerable.Range(0, requests).Select(i => Task.Run(async () =>
        {
            MasterSecrets secrets = i % 3 == 0 ? second : first;
            ReadOnlyMemory<byte>[] asked = [.. Enumerable.Range(0, uids)
                .Select(_ => (ReadOnlyMemory<byte>)RandomNumberGenerator.GetBytes(32))];
            FreshKey[] keys = await batcher.IssueAsync(secrets, asked);
            keys.Length.ShouldBe(uids);
            for (int k = 0; k < uids; k++)
            {
                using FreshKey key = keys[k];
                key.IsSound.ShouldBeTrue();
                SameAsSingle(secrets, asked[k].Span, key);
            }
        })));
    }

    [Fact]
    public async Task A_fault_of_the_secrets_reaches_every_request_and_the_batcher_works_on()
    {
        KeyBatcher batcher = new(1);
        MasterSecrets gone = MasterSecrets.Generate();
        gone.Dispose();
        Task<FreshKey[]>[] failing = [.. Enumerable.Range(0, 5).Select(_ => batcher.IssueAsync(gone, [new byte[32]]))];
        foreach (Task<FreshKey[]> task in failing)
        {
            await Should.ThrowAsync<ObjectDisposedException>(() => task);
        }

        using MasterSecrets secrets = MasterSecrets.Generate();
        using FreshKey key = (await batcher.IssueAsync(secrets, [new byte[32]])).ShouldHaveSingleItem();
        key.IsSound.ShouldBeTrue();
    }

    [Fact]
    public async Task No_uids_give_no_keys()
    {
        using MasterSecrets secrets = MasterSecrets.Generate();
        (await new KeyBatcher(2).IssueAsync(secrets, [])).ShouldBeEmpty();
    }

    private static void SameAsSingle(MasterSecrets secrets, ReadOnlySpan<byte> uid, FreshKey key)
    {
        using EccsiSigningKey signing = secrets.Eccsi.IssueSigningKey(uid, secrets.Derivation);
        using SakkeReceiverKey receiver = secrets.Sakke.IssueReceiverKey(uid);
        byte[] expected = new byte[SakkeReceiverKey.SizeInBytes];
        byte[] actual = new byte[SakkeReceiverKey.SizeInBytes];
        receiver.Export(expected);
        key.Receiver.Export(actual);
        actual.ShouldBe(expected);
        byte[] expectedToken = new byte[EccsiSigningKey.PublicTokenSizeInBytes];
        byte[] token = new byte[EccsiSigningKey.PublicTokenSizeInBytes];
        signing.ExportPublicToken(expectedToken);
        key.Signing.ExportPublicToken(token);
        token.ShouldBe(expectedToken);
    }
}
