namespace PrivacyProxy.LoadTests.Once;

/// <summary>Who offers which token: four of five are raced for by every client, one of five is offered by one client, once.</summary>
internal static class OfferPlan
{
    private const int LoneEvery = 5;

    public static bool IsLone(int token) => token % LoneEvery == 0;

    public static bool Offers(int client, int clients, int token) => !IsLone(token) || token / LoneEvery % clients == client;
}
