using Watchword.Cryptography;

namespace Watchword.Kms.Tests;

/// <summary>What every custody must do.</summary>
public abstract class CustodyContract
{
    protected const string KmsUri = "kms.x.example";

    protected abstract EnvelopeCustody Custody { get; }

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_stored_opens_again_as_the_same_secrets()
    {
        using MasterSecrets secrets = MasterSecrets.Generate();
        await Custody.StoreAsync(KmsUri, 1, secrets, Token);
        using MasterSecrets opened = await Custody.OpenAsync(KmsUri, 1, Token);
        opened.Eccsi.PublicKey.ShouldBe(secrets.Eccsi.PublicKey);
        opened.Sakke.PublicKey.ShouldBe(secrets.Sakke.PublicKey);
        using EccsiSigningKey before = secrets.Eccsi.IssueSigningKey("id"u8, secrets.Derivation);
        using EccsiSigningKey after = opened.Eccsi.IssueSigningKey("id"u8, opened.Derivation);
        byte[] first = new byte[65];
        byte[] second = new byte[65];
        before.ExportPublicToken(first);
        after.ExportPublicToken(second);
        second.ShouldBe(first);
    }

    [Fact]
    public async Task Nothing_is_overwritten()
    {
        using MasterSecrets secrets = MasterSecrets.Generate();
        await Custody.StoreAsync(KmsUri, 1, secrets, Token);
        (await Should.ThrowAsync<KmsException>(() => Custody.StoreAsync(KmsUri, 1, secrets, Token))).Error
            .ShouldBe(KmsError.CustodyWithoutDomain);
    }

    [Theory]
    [InlineData("kms.y.example", 1)]
    [InlineData(KmsUri, 2)]
    public async Task Another_domain_or_generation_does_not_open(string kmsUri, int generation)
    {
        using MasterSecrets secrets = MasterSecrets.Generate();
        await Custody.StoreAsync(KmsUri, 1, secrets, Token);
        (await Should.ThrowAsync<KmsException>(() => Custody.OpenAsync(kmsUri, generation, Token))).Error
            .ShouldBe(KmsError.CustodyDocumentMissing);
    }
}

public sealed class EphemeralCustodyTests : CustodyContract, IDisposable
{
    private readonly EphemeralCustody _custody = new();

    protected override EnvelopeCustody Custody => _custody;

    public void Dispose() => _custody.Dispose();
}
