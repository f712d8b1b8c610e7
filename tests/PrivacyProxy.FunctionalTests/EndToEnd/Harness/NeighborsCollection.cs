namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness;

/// <summary>Relays and further proxies that come and go beside the product: with a product of its own, beside the tests of <see cref="ProductCollection"/>.</summary>
[CollectionDefinition(Name)]
public sealed class NeighborsCollection : ICollectionFixture<ProductFixture>
{
    public const string Name = "who comes and goes beside the product";
}
