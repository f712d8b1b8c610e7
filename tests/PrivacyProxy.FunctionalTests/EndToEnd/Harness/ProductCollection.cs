namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness;

/// <summary>Tests that share one running product; one after another, as their metrics and its limits are its own.</summary>
[CollectionDefinition(Name)]
public sealed class ProductCollection : ICollectionFixture<ProductFixture>
{
    public const string Name = "the product, end to end";
}
