using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;
using Watchword.Kms.Tests;

namespace Watchword.Kms.Pkcs11.Tests;

public sealed class AesGcmTokenTests(SoftHsm hsm) : KeyEncryptionKeyContract
{
    protected override async Task<IKeyEncryptionKeySource> CreateSourceAsync()
    {
        TokenKeySource source = new(hsm.Take());
        (await source.CreateKeyAsync(Token)).Mechanism.ShouldBe("CKM_AES_GCM");
        return source;
    }
}

public sealed class AesKeyWrapTokenTests(SoftHsm hsm) : KeyEncryptionKeyContract
{
    protected override async Task<IKeyEncryptionKeySource> CreateSourceAsync()
    {
        TokenKeySource source = new(hsm.Take(TokenMechanism.AesKeyWrap));
        (await source.CreateKeyAsync(Token)).Mechanism.ShouldBe("CKM_AES_KEY_WRAP");
        return source;
    }
}

public sealed class AesKeyWrapPadTokenTests(SoftHsm hsm) : KeyEncryptionKeyContract
{
    protected override async Task<IKeyEncryptionKeySource> CreateSourceAsync()
    {
        TokenKeySource source = new(hsm.Take(TokenMechanism.AesKeyWrapPad));
        (await source.CreateKeyAsync(Token)).Mechanism.ShouldBe("CKM_AES_KEY_WRAP_PAD");
        return source;
    }
}

public sealed class TokenKeyTests(SoftHsm hsm)
{
    private const string KmsUri = "kms.x.example";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(TokenMechanism.AesGcm)]
    [InlineData(TokenMechanism.AesKeyWrap)]
    public async Task The_key_never_leaves_the_token(TokenMechanism mechanism)
    {
        TokenKeyOptions options = hsm.Take(mechanism);
        await new TokenKeySource(options).CreateKeyAsync(Token);
        using IKeyEncryptionKey open = await new TokenKeySource(options).OpenAsync(null, Token);
        using ISession session = TokenLibrary.FindSlot(options.Library, options.TokenLabel).OpenSession(SessionType.ReadWrite);
        IObjectHandle key = session.FindAllObjects(
            [session.Factories.ObjectAttributeFactory.Create(CKA.CKA_LABEL, options.KeyLabel)]).ShouldHaveSingleItem();
        List<IObjectAttribute> attributes = session.GetAttributeValue(
            key, [CKA.CKA_VALUE, CKA.CKA_ALWAYS_SENSITIVE, CKA.CKA_NEVER_EXTRACTABLE]);
        attributes[0].CannotBeRead.ShouldBeTrue();
        attributes[1].GetValueAsBool().ShouldBeTrue();
        attributes[2].GetValueAsBool().ShouldBeTrue();

        // Nor does it become extractable, nor wrap itself out.
        Should.Throw<Pkcs11Exception>(() => session.SetAttributeValue(
            key, [session.Factories.ObjectAttributeFactory.Create(CKA.CKA_EXTRACTABLE, true)]));
        Should.Throw<Pkcs11Exception>(() => session.WrapKey(
            session.Factories.MechanismFactory.Create(CKM.CKM_AES_KEY_WRAP), key, key));
    }

    [Fact]
    public async Task A_wrong_pin_is_told_and_tried_once_only()
    {
        TokenKeyOptions options = hsm.Take();
        await new TokenKeySource(options).CreateKeyAsync(Token);
        TokenKeySource wrong = new(options with { Pin = new FixedPin("000000") });
        (await ErrorOf(() => wrong.OpenAsync(null, Token))).ShouldBe(KmsError.TokenPinRefused);
        Flags(options).UserPinCountLow.ShouldBeTrue();

        // Many more tries of the same object do not come near the lock; a success through the right PIN clears the count.
        for (int i = 0; i < 20; i++)
        {
            (await ErrorOf(() => wrong.OpenAsync(null, Token))).ShouldBe(KmsError.TokenPinRefused);
        }

        Flags(options).UserPinLocked.ShouldBeFalse();
        (await new TokenKeySource(options).OpenAsync(null, Token)).Dispose();
    }

    [Fact]
    public async Task What_is_missing_or_unsuitable_is_told()
    {
        TokenKeyOptions options = hsm.Take();
        (await ErrorOf(() => new TokenKeySource(options with { Library = "/nowhere/libpkcs11.so" }).OpenAsync(null, Token)))
            .ShouldBe(KmsError.TokenUnavailable);
        (await ErrorOf(() => new TokenKeySource(options with { TokenLabel = "none" }).OpenAsync(null, Token)))
            .ShouldBe(KmsError.TokenUnavailable);
        (await ErrorOf(() => new TokenKeySource(options).OpenAsync(null, Token))).ShouldBe(KmsError.TokenKeyUnsuitable);
        await new TokenKeySource(options).CreateKeyAsync(Token);
        (await ErrorOf(() => new TokenKeySource(options).CreateKeyAsync(Token))).ShouldBe(KmsError.TokenKeyUnsuitable);
        TokenKeySource wraps = new(options with { Mechanism = TokenMechanism.AesKeyWrapPad });
        (await ErrorOf(() => wraps.OpenAsync(null, Token))).ShouldBe(KmsError.TokenKeyUnsuitable);
        (await ErrorOf(() => new TokenKeySource(options with { KeyId = "00" }).OpenAsync(null, Token)))
            .ShouldBe(KmsError.TokenKeyUnsuitable);
    }

    [Fact]
    public async Task A_key_that_can_leave_the_token_is_refused()
    {
        TokenKeyOptions options = hsm.Take();
        using ISession session = TokenLibrary.FindSlot(options.Library, options.TokenLabel).OpenSession(SessionType.ReadWrite);
        session.Login(CKU.CKU_USER, SoftHsm.Pin);
        var create = session.Factories.ObjectAttributeFactory;
        session.GenerateKey(
            session.Factories.MechanismFactory.Create(CKM.CKM_AES_KEY_GEN),
            [
                create.Create(CKA.CKA_TOKEN, true),
                create.Create(CKA.CKA_EXTRACTABLE, true),
                create.Create(CKA.CKA_SENSITIVE, true),
                create.Create(CKA.CKA_VALUE_LEN, 32),
                create.Create(CKA.CKA_LABEL, options.KeyLabel),
            ]);
        (await ErrorOf(() => new TokenKeySource(options).OpenAsync(null, Token))).ShouldBe(KmsError.TokenKeyUnsuitable);
    }

    [Fact]
    public async Task A_session_that_was_lost_is_opened_again()
    {
        TokenKeyOptions options = hsm.Take();
        TokenKeySource source = new(options);
        await source.CreateKeyAsync(Token);
        using IKeyEncryptionKey key = await source.OpenAsync(null, Token);
        byte[] wrapped = key.Wrap(new byte[32], "place"u8);
        TokenLibrary.FindSlot(options.Library, options.TokenLabel).CloseAllSessions();
        byte[] unwrapped = [.. Enumerable.Repeat((byte)1, 32)];
        key.Unwrap(wrapped, "place"u8, unwrapped);
        unwrapped.ShouldBe(new byte[32]);
    }

    [Fact]
    public async Task Custody_goes_from_a_key_file_into_a_token_and_its_pin_into_shares()
    {
        string directory = Directory.CreateTempSubdirectory("watchword-token-").FullName;
        try
        {
            DirectoryDocuments documents = new(directory);
            string file = Path.Combine(directory, "kek");
            KeyEncryptionKeySource.CreateKeyFile(file);
            using MasterSecrets secrets = MasterSecrets.Generate();
            using (EnvelopeCustody old = new(documents, KeyEncryptionKeySource.FromKeyFile(file)))
            {
                await old.StoreAsync(KmsUri, 1, secrets, Token);
                (await old.OpenSealerAsync(KmsUri, "transport-keys", Token)).Dispose();
            }

            TokenKeyOptions options = hsm.Take();
            await new TokenKeySource(options).CreateKeyAsync(Token);
            using (EnvelopeCustody both = new(documents, new TokenKeySource(options), KeyEncryptionKeySource.FromKeyFile(file)))
            {
                await new CustodyRewrapping(both).RunAsync(Token);
                (await new CustodyRewrapping(both).FinishAsync(Token)).ShouldBe(2);
            }

            File.Delete(file);
            using CustodySecret pin = await options.Pin.OpenAsync(Token);
            IReadOnlyList<KeyShare> shares = KeyShare.Split(ShareKind.TokenPin, pin, 2, 3);
            using UnsealSession session = new(ShareKind.TokenPin, TimeProvider.System);
            using EnvelopeCustody custody = new(documents, new TokenKeySource(options with { Pin = session }));
            Task<MasterSecrets> opening = custody.OpenAsync(KmsUri, 1, Token);
            opening.IsCompleted.ShouldBeFalse();
            session.Add(shares[0], "a");
            session.Add(shares[2], "b");
            using MasterSecrets opened = await opening;
            opened.Eccsi.PublicKey.ShouldBe(secrets.Eccsi.PublicKey);
            opened.Sakke.PublicKey.ShouldBe(secrets.Sakke.PublicKey);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static ITokenFlags Flags(TokenKeyOptions options) =>
        TokenLibrary.FindSlot(options.Library, options.TokenLabel).GetTokenInfo().TokenFlags;

    private static async Task<KmsError> ErrorOf(Func<Task> act) => (await Should.ThrowAsync<KmsException>(act)).Error;
}
