namespace Watchword.Kms;

public sealed partial record KmsErrorText
{
    private static KmsErrorText? OfPreparation(KmsError error) => error switch
    {
        KmsError.PreparationOff => new("this KMS does not prepare keys ahead", "-",
            "The operator turns it on with Kms:Preparation:Enabled"),
        KmsError.PreparationRunning => new("the preparation runs, so a list cannot be added to it", "-",
            "Wait until it has finished, or stop it, then hand the list in again"),
        KmsError.PreparationNotRunning => new("there is no such preparation, or it does not run", "-",
            "Read the preparations of the domain"),
        KmsError.PreparationListRefused => new(
            "the list of identities is empty or too long, or an entry of it has no issuer, subject or identity", "-",
            "Hand in 1 to 100000 entries, each with issuer, subject and identity, and the rest in further lists"),
        _ => null,
    };
}
